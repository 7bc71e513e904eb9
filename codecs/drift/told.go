package drift

import (
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// Told is what the schemas of a record tell of a table's columns.
type Told struct {
	Columns  []tables.Column // of the row, in its order
	Doubts   []string        // by column: what its schema leaves open; mostly empty
	Typeless []string        // members whose schema names no type that a column could have
	Key      []string        // the members of the record's key, in its order; nil where it has no names
}

// ToldBy returns what a record tells of a table's columns; ok is false where it has no row, or
// no schema beside it. The error is of a schema that is not to be had.
func ToldBy(t *tables.Table, r *codecs.Record, schemas avro.Schemas) (told Told, ok bool, err error) {
	if t.Source.Format.Avro() && len(r.Value) > 0 && len(r.Value) <= maxValue {
		if r, _, err = avro.AsJSON(r, schemas); err != nil {
			return told, false, err
		}
	}
	at, ok := locate(t, r)
	if !ok || at.schema == nil {
		return told, false, nil
	}
	told = columnsOf(at)
	told.Key = keyMembers(r.Key)
	return told, len(told.Columns) > 0, nil
}

// columnsOf makes columns of the row's schema, as a proposal does.
func columnsOf(at location) (told Told) {
	for i := range at.schema.Fields {
		f := &at.schema.Fields[i]
		if i >= maxMembers || f.Field == "" || at.added && isAdded(f.Field) {
			continue
		}
		typ, doubt, ok := f.ColumnType()
		if !ok {
			told.Typeless = append(told.Typeless, f.Field)
			continue
		}
		told.Columns = append(told.Columns, tables.Column{Name: f.Field, Type: typ, Encoding: f.ColumnEncoding(), Told: true})
		told.Doubts = append(told.Doubts, doubt)
	}
	return told
}

// keyMembers returns the names of a key's members: those of its schema, or of the key itself.
func keyMembers(key []byte) []string {
	schema, payload := unwrap(key)
	var out []string
	if schema != nil && len(schema.Fields) > 0 {
		for i := range schema.Fields {
			out = append(out, schema.Fields[i].Field)
		}
		return out
	}
	if payload == nil {
		return nil
	}
	members, _ := jsontext.ReadObject(key)
	if inner := members.Get("payload"); schema != nil && inner != nil {
		members, _ = jsontext.ReadObject(inner)
	}
	for _, m := range members {
		out = append(out, m.Name)
	}
	return out
}

// By returns the column of a name, or nil.
func (t *Told) By(name string) *tables.Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}
