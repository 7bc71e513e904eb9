package checkup

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/tables"
)

// newDecoder makes a decoder for a table, or for a part of it.
type newDecoder func(*tables.Table) (cdc.Decoder, error)

// columns finds what decodes and is not what the configuration means: columns that no
// row has, values that are null because they cannot be read, and keys that lack a part.
func columns(t *tables.Table, s *sample.Sample, decoder newDecoder) []Finding {
	out := absent(t, s, decoder)
	out = append(out, forgiven(t, s, decoder)...)
	return append(out, halfKeys(t, s, decoder)...)
}

// absent names the columns whose member is in no row of the sample.
func absent(t *tables.Table, s *sample.Sample, decoder newDecoder) []Finding {
	probe := *t
	probe.Document = tables.DocumentDrop
	probe.Source.Missing = tables.MissingKeep              // what is not there is then unavailable
	probe.Source.Placeholder = "no source writes this\x00" // and nothing else is
	probe.Columns = slices.Clone(t.Columns)
	for i := range probe.Columns {
		probe.Columns[i].NullOnError = true
	}
	d, err := decoder(&probe)
	if err != nil {
		return nil // decode says so
	}
	rows, seen := 0, make([]bool, len(t.Columns))
	for _, r := range s.Records {
		var c tables.Change
		if d.Decode(r, &c) != nil || c.Op != tables.Upsert {
			continue
		}
		rows++
		for i, v := range c.Values {
			seen[i] = seen[i] || v.Kind() != tables.Unavailable
		}
	}
	var names []string
	for i := range t.Columns {
		if !seen[i] && !slices.Contains(t.Key, t.Columns[i].Name) {
			names = append(names, strings.Join(t.Columns[i].Places(), " or "))
		}
	}
	if rows == 0 || len(names) == 0 {
		return nil
	}
	return []Finding{{
		findings.ColumnsAbsent, Problem, t.Name, fmt.Sprintf("none of %d rows has %s: the columns are null", rows, strings.Join(names, ", ")),
		"correct the columns' names or paths; generated columns of PostgreSQL are in snapshots only, and some producers leave out nulls",
	}}
}

// forgiven counts the values that on_error: null hides.
func forgiven(t *tables.Table, s *sample.Sample, decoder newDecoder) []Finding {
	var out []Finding
	for i := range t.Columns {
		if !t.Columns[i].NullOnError || slices.Contains(t.Key, t.Columns[i].Name) {
			continue
		}
		probe := keyOnly(t)
		strict := t.Columns[i]
		strict.NullOnError = false
		probe.Columns = append(probe.Columns, strict)
		d, err := decoder(probe)
		if err != nil {
			continue
		}
		rows, wrong, first := 0, 0, ""
		for _, r := range s.Records {
			var c tables.Change
			err := d.Decode(r, &c)
			var e *codecs.Error
			switch {
			case err == nil && c.Op == tables.Upsert:
				rows++
			case errors.As(err, &e) && concerns(e.Field, &strict) != nothing:
				rows++
				if wrong++; first == "" {
					first = e.Reason
				}
			}
		}
		if wrong > 0 {
			out = append(out, Finding{
				findings.ValuesNulled, Note, t.Name, fmt.Sprintf("%d of %d values of column %s cannot be read and are null, as its on_error says: %s", wrong, rows, strict.Name, first),
				fmt.Sprintf("if that is not meant, set the type and the encoding of column %s to what the converter writes", strict.Name),
			})
		}
	}
	return out
}

// keyOnly returns a table of the key's columns.
func keyOnly(t *tables.Table) *tables.Table {
	probe := *t
	probe.Columns, probe.SortKey, probe.Where, probe.Document = nil, nil, "", tables.DocumentDrop
	for _, i := range t.KeyColumns() {
		probe.Columns = append(probe.Columns, t.Columns[i])
	}
	return &probe
}

// halfKeys finds keys that do not have all columns of the table's: their deletes have
// no address. Where the newest row's key has them, the source's key has changed, and
// deletes to come have an address.
func halfKeys(t *tables.Table, s *sample.Sample, decoder newDecoder) []Finding {
	if t.Source.KeyInRow() { // their deletes hold the row
		return nil
	}
	d, err := decoder(keyOnly(t))
	if err != nil {
		return nil
	}
	var first, newest *codecs.Record
	var why, last *codecs.Error
	for _, r := range s.Records {
		var row, gone tables.Change
		if d.Decode(r, &row) != nil || row.Op != tables.Upsert {
			continue
		}
		err := d.Decode(&codecs.Record{Topic: r.Topic, Key: r.Key, Headers: r.Headers}, &gone)
		var e *codecs.Error
		if errors.As(err, &e) && first == nil {
			first, why = r, e
		}
		if newest == nil || !r.Time.Before(newest.Time) {
			newest, last = r, e
		}
	}
	if first == nil {
		return nil
	}
	f := Finding{
		findings.DeletesKeyless, Problem, t.Name, fmt.Sprintf("rows can be read, but not their deletes: %v (first in partition %d at offset %d)", why, first.Partition, first.Offset),
		"let the record's key hold all columns of the table's key: primary key, or message.key.columns on the connector",
	}
	if last == nil {
		f.Level, f.What = Note, f.What+"; the key of the newest row has what they lack"
		f.Remedy = "nothing is to be done where the source's key was changed; where several producers write the topic, let the keys of all hold the table's"
	}
	return []Finding{f}
}
