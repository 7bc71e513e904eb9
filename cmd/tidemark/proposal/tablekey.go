package proposal

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// ErrSeveral is returned for a topic whose tables cannot be distinguished by a declaration.
var ErrSeveral = errors.New("the topic holds several tables")

// oneTable refuses records of several tables in a format from which none can be picked.
func oneTable(rows *rows) error {
	switch {
	case len(rows.more) == 0, rows.format == tables.DebeziumJSON, rows.format.Messages():
		return nil
	}
	return fmt.Errorf("%w, %s and %s: with %s each needs a topic of its own", ErrSeveral, rows.table, strings.Join(slices.Sorted(maps.Keys(rows.more)), ", "), rows.format)
}

// key takes the key's columns from what records say about it: names in a message or in the
// records' keys, or, for keys without names, the columns that always equal them.
func (p *Proposal) key(rows *rows) error {
	names, format, also := rows.keys.best(rows.inRow())
	names, also = p.knownKey(names, also)
	switch {
	case len(rows.keyNames) > 0 && !sameNames(rows.keyNames, names):
		p.Table.Key = rows.keyNames
	case len(names) > 0:
		p.Table.Key = names
		if !rows.inRow() {
			p.Table.Source.KeyFormat = format
		}
		if len(also) > 0 && len(rows.keyNames) == 0 {
			p.Notes = append(p.Notes, "the key is one value, and these columns always equal it: "+strings.Join(append(slices.Clone(names), also...), ", "))
		}
	default:
		return p.keyInRow(rows)
	}
	for _, k := range p.Table.Key {
		i := p.Table.ColumnIndex(k)
		if i < 0 {
			p.Table.Columns = append([]tables.Column{{Name: k, Type: tables.Type{Kind: tables.String}}}, p.Table.Columns...)
			p.Doubts[k] = "it is in the keys but in no row; text?"
			continue
		}
		// A key's number or text is compared as it is, whatever it means.
		p.certain(k)
	}
	return nil
}

// sameNames reports whether a list has the order of the names.
func sameNames(names, listed []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(names)), slices.Sorted(slices.Values(listed)))
}

// idColumn returns the column that is called id, or nothing.
func (o *rows) idColumn() string {
	for _, c := range o.columns {
		if strings.EqualFold(c.name, "id") {
			return c.name
		}
	}
	return ""
}

// keyInRow asks whether the column id is the key, where the records say nothing of it.
func (p *Proposal) keyInRow(rows *rows) error {
	if known := p.knownColumns(); known != nil {
		p.Table.Key = known
	} else {
		id := rows.idColumn()
		if id == "" {
			return ErrNoKey
		}
		p.Table.Key = []string{id}
		p.certain(id)
		p.Doubts[id] = "the records do not say the key: is it this column?"
	}
	if rows.inRow() || rows.format.Messages() {
		return nil
	}
	p.Table.Source.KeyFrom = tables.KeyFromRow
	if rows.format == tables.UpsertJSON {
		p.Notes = append(p.Notes, "the records' keys name no row, so a null value deletes none: rows are deleted by what delete_when says alone")
	}
	return nil
}

// place declares how the producer chose partitions: by Java's way where that fits every key of the
// sample, else by the one that does.
func (p *Proposal) place(s *material, rows *rows) {
	if rows.format.Messages() {
		p.Table.Source.Partitioner = tables.PartitionAny
		return
	}
	keyless := false
	fits := func(by tables.Partitioner) bool {
		for _, r := range s.placed {
			want, keyed := kafka.PartitionOf(by, r.Key, s.topic.Partitions)
			keyless = keyless || r.Key == nil && r.Value != nil
			if keyed && want != r.Partition {
				return false
			}
		}
		return true
	}
	known := []tables.Partitioner{tables.PartitionMurmur2, tables.PartitionFNV1a, tables.PartitionCRC32}
	i := slices.IndexFunc(known, fits)
	switch {
	case s.topic.Partitions > 1 && (p.Table.Source.KeyFrom == tables.KeyFromRow || rows.inRow() && keyless):
		p.Table.Source.Partitioner = tables.PartitionAny
	case i >= 0:
		p.Table.Source.Partitioner = known[i]
	default:
		p.Table.Source.Partitioner = tables.PartitionAny
		p.Notes = append(p.Notes, "the records' keys fit no partitioner: they go through a topic of ours first (partitioner: any)")
	}
}
