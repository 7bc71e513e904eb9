package checkup

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/drift"
	"github.com/tidemark/tidemark/tables"
)

// drifted compares the newest records with the declaration, and with the older ones of the
// sample. A decoder cannot: a column that is no longer there decodes as null.
func drifted(t *tables.Table, s *sample.Sample, schemas avro.Schemas) []Finding {
	newest, had := map[string]bool{}, map[string]bool{} // members: of the newest record of each partition, of any
	lines := map[string]drift.Line{}
	all := drift.NewTracker(t, schemas) // tables may be in partitions of their own
	for _, records := range byPartition(s) {
		d := drift.NewTracker(t, schemas)
		last := map[string]bool{}
		for _, r := range records {
			d.Look(r)
			all.Look(r)
			if shape, ok := drift.ShapeOf(t, r, schemas); ok && d.Wants(shape) {
				clear(last)
				for name := range shape.Members {
					last[name], had[name] = true, true
				}
			}
		}
		maps.Copy(newest, last)
		for _, l := range d.Lines() {
			lines[string(l.Kind)+" "+l.What] = l
		}
	}
	for _, l := range all.Lines() {
		if l.Kind == drift.Tables {
			lines[string(l.Kind)] = l
		}
	}
	var out []Finding
	for _, k := range slices.Sorted(maps.Keys(lines)) {
		out = append(out, driftFinding(t, lines[k], had)...)
	}
	return append(out, unread(t, newest, lines)...)
}

// byPartition returns the sample's records by partition, in their order.
func byPartition(s *sample.Sample) map[int32][]*codecs.Record {
	out := map[int32][]*codecs.Record{}
	for _, r := range s.Records {
		out[r.Partition] = append(out[r.Partition], r)
	}
	for _, records := range out {
		slices.SortStableFunc(records, func(a, b *codecs.Record) int { return int(a.Offset - b.Offset) })
	}
	return out
}

// driftFinding is what a line of a tracker is to somebody who checks. Columns that no
// record has, other checks report new members and keys.
func driftFinding(t *tables.Table, l drift.Line, had map[string]bool) []Finding {
	switch l.Kind {
	case drift.Gone:
		c := &t.Columns[t.ColumnIndex(l.What)]
		was := false
		for _, where := range c.Places() {
			top, _, _ := strings.Cut(where, ".")
			was = was || had[where] || had[top]
		}
		if !was {
			return nil
		}
		return []Finding{{
			findings.ColumnGone, Problem, t.Name, l.Text,
			"take the column out, which makes the table anew without it; of a renamed one declare the new member as its path and have the rows sent again, by an incremental snapshot say",
		}}
	case drift.Type:
		return []Finding{{
			findings.TypeChanged, Note, t.Name, l.Text, "declare the type and the encoding of the newest records; older ones that do not fit it are then sent again, by an incremental snapshot say",
		}}
	case drift.Tables:
		return []Finding{{
			findings.SeveralTables, Problem, t.Name, l.Text, "declare source.table, once for each table that is to be kept",
		}}
	}
	return nil
}

// unread lists the members of the newest record that no column reads.
func unread(t *tables.Table, newest map[string]bool, lines map[string]drift.Line) []Finding {
	for i := range t.Columns {
		for _, where := range t.Columns[i].Places() {
			top, _, _ := strings.Cut(where, ".")
			delete(newest, where)
			delete(newest, top)
		}
	}
	if len(newest) == 0 {
		return nil
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(newest)) {
		if _, is := lines[string(drift.New)+" "+name]; is {
			name += " (which older records do not have)"
		}
		names = append(names, name)
	}
	verb := "members %s are"
	if len(names) == 1 {
		verb = "member %s is"
	}
	return []Finding{{
		findings.MembersUnread, Note, t.Name, fmt.Sprintf("of the newest records "+verb+" in no column", strings.Join(names, ", ")),
		"declare those that are wanted; rows that were not sent since have null in a new one",
	}}
}
