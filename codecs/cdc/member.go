package cdc

import (
	"slices"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// inMember returns the table as its columns are in a value whose row is one of its members.
func inMember(t *tables.Table) *tables.Table {
	member := t.Source.RowMember()
	if member == "" {
		return t
	}
	moved := *t
	moved.Columns = slices.Clone(t.Columns)
	for i := range moved.Columns {
		places := t.Columns[i].Places()
		for j := range places {
			places[j] = member + "." + places[j]
		}
		moved.Columns[i].Path, moved.Columns[i].OtherPaths = places[0], places[1:]
	}
	return &moved
}

// put makes c the upsert of the row that is in a member of the value.
func (d *flatDecoder) put(r *codecs.Record, c *tables.Change, m []convert.Meaning, payload []byte) *codecs.Error {
	row := d.row.Raw[d.wrap.at+wrapImage]
	if jsontext.IsNull(row) || row[0] != '{' {
		if c.Reason = shapeOf(payload); c.Reason != "" {
			return nil
		}
		return &codecs.Error{Field: "value." + d.member, Reason: jsontext.Mismatch("the row, an object", row)}
	}
	return d.upsert(r, c, m, d.row.Raw[d.wrap.at+wrapBefore], row)
}
