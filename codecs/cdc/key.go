package cdc

import (
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/extract"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// A keyDecoder makes the canonical key of a table from the keys of its records,
// in whatever form and order their fields come.
type keyDecoder struct {
	columns []tables.Column // of the key, in the key's order
	find    *extract.Paths  // slots for the three places where a column's value may be
	raw     rawKey
	in      input
	fromRow bool              // records' keys say nothing
	arrays  bool              // a key may be in an array, as CockroachDB writes it
	listed  bool              // the last one did: no names say which value is which
	cells   bool              // a value may be in a cell
	none    []convert.Meaning // by the columns' encodings alone
	last    []convert.Meaning // of the record's own key, which its headers' keys share
	values  []tables.Value    // what the last key said
	given   []bool            // whether it said it
	buf     []byte
}

// keyPlaces is where a column's value may be in a record's key: at its path, at
// its name, or below its name as below its path (MongoDB's _id.$oid is id.$oid there).
const keyPlaces = 3

func newKeyDecoder(t *tables.Table, p *extract.Placeholder, o Options) *keyDecoder {
	k := &keyDecoder{}
	for _, i := range t.KeyColumns() {
		c := t.Columns[i]
		c.NullOnError = false
		k.columns = append(k.columns, c)
	}
	n := len(k.columns)
	k.find = extract.New(keyPlaces*n, p)
	k.find.Once = true
	for i := range k.columns {
		c := &k.columns[i]
		k.find.AddPlaces(c.Places(), i)
		if c.Name == c.Where() {
			continue
		}
		k.find.Add(c.Name, n+i)
		if _, below, ok := strings.Cut(c.Where(), "."); ok {
			k.find.Add(c.Name+"."+below, 2*n+i)
		}
	}
	k.raw, k.fromRow, k.cells = newRawKey(t, k.columns), t.Source.KeyInRow() && !t.Source.Format.Messages(), t.Source.Cells
	k.in = newKeyInput(t, k.columns, o)
	k.none = convert.Meanings(k.columns, convert.NoSchema)
	k.values, k.given = make([]tables.Value, n), make([]bool, n)
	return k
}

// keySchema finds the schema of a key column: by its path or its name in a struct,
// or the schema itself of a bare key.
func keySchema(root *convert.Schema, c *tables.Column) *convert.Schema {
	if root.Type != "struct" {
		return root
	}
	for _, place := range c.Places() {
		if f := root.At(place); f != nil {
			return f
		}
	}
	return root.At(c.Name)
}

// read reads a record's key; null is true when there is none. Afterwards values
// and given say what it held.
func (k *keyDecoder) read(r *codecs.Record) (null bool, err *codecs.Error) {
	clear(k.given)
	k.listed = false
	k.last = k.none // of the keys in headers, where this one says nothing
	if k.fromRow || jsontext.IsNull(r.Key) {
		return true, nil
	}
	text, err := k.raw.text(r.Key)
	if err != nil {
		return false, err
	}
	payload, m, err := k.in.Read(text, r.Headers)
	switch {
	case err != nil:
		return false, err
	case jsontext.IsNull(payload):
		return true, nil
	}
	if k.last = m; m == nil {
		k.last = k.none
	}
	return false, k.fields(payload, "key")
}

// fields reads the fields of a key: the members of an object, in any order, or a
// bare value for the only column.
func (k *keyDecoder) fields(payload []byte, where string) *codecs.Error {
	s := jsontext.Scan(payload)
	if c := s.Peek(); c != '{' {
		return k.bare(payload, c, where)
	}
	k.find.Reset()
	if !k.find.Read(&s) || !s.End() {
		return &codecs.Error{Field: where, Reason: s.Fault + ": " + jsontext.Clip(payload)}
	}
	found := 0
	k.find.Settle()
	for i := range k.columns {
		if broken := k.find.Fault(i); broken != nil {
			return &codecs.Error{Field: where + "." + broken.Field, Reason: broken.Reason}
		}
		raw := k.valueText(i)
		if raw == nil {
			continue
		}
		if err := k.set(i, raw, where); err != nil {
			return err
		}
		found++
	}
	if found == 0 {
		return &codecs.Error{Field: where + "." + k.columns[0].Name, Reason: "the key has no such member: " + jsontext.Clip(payload), Cause: codecs.ErrOtherKey}
	}
	return nil
}

// valueText returns the text of the i-th column's value, or nil.
func (k *keyDecoder) valueText(i int) []byte {
	n := len(k.columns)
	for _, at := range [keyPlaces]int{i, 2*n + i, n + i} {
		if raw := k.find.Raw[at]; raw != nil {
			return raw
		}
	}
	return nil
}

// bare reads a key that is one value: JSON, or the plain text that a string
// converter writes.
func (k *keyDecoder) bare(payload []byte, first byte, where string) *codecs.Error {
	if len(k.columns) != 1 && first != '[' {
		return &codecs.Error{Field: where, Reason: fmt.Sprintf("one value for a key of %d columns: %s", len(k.columns), jsontext.Clip(payload)), Cause: codecs.ErrOtherKey}
	}
	if k.arrays && first == '[' {
		if items := jsontext.Elements(payload); len(items) == len(k.columns) {
			return k.list(items, where)
		}
	}
	s := jsontext.Scan(payload)
	raw := s.Value()
	if raw != nil && s.End() && first != '[' {
		return k.set(0, raw, where)
	}
	switch {
	case first == '[' && raw != nil && s.Fault == "":
		return &codecs.Error{Field: where, Reason: "an array, which does not name the columns that its items stand for: " + jsontext.Clip(payload), Cause: codecs.ErrOtherKey}
	case first == '"' || first == '[':
		return &codecs.Error{Field: where, Reason: s.Fault + ": " + jsontext.Clip(payload)}
	}
	return k.set(0, tables.AppendJSONString(nil, string(payload)), where)
}

// list reads a key that is a list of the values of the primary key, in its order.
func (k *keyDecoder) list(items [][]byte, where string) *codecs.Error {
	for i, raw := range items {
		if err := k.set(i, raw, where); err != nil {
			return err
		}
	}
	k.listed = true
	return nil
}

func (k *keyDecoder) set(i int, raw []byte, where string) *codecs.Error {
	c := &k.columns[i]
	if k.cells {
		raw, _ = uncelled(raw)
	}
	reason := ""
	if c.Encoding == tables.EncodingExtendedJSON {
		raw, reason = jsontext.Embedded(raw)
	}
	var v tables.Value
	if reason == "" {
		v, reason = convert.Value(c.Type, k.last[i], raw)
	}
	if reason != "" {
		return &codecs.Error{Field: where + "." + c.Name, Reason: reason}
	}
	k.values[i], k.given[i] = v, true
	return nil
}

// missing returns the first column that the key did not say, or -1.
func (k *keyDecoder) missing() int {
	for i, ok := range k.given {
		if !ok {
			return i
		}
	}
	return -1
}

// key returns the canonical key of the values.
func (k *keyDecoder) key() tables.Key {
	k.buf = tables.AppendKey(k.buf[:0], k.values...)
	return tables.Key(k.buf)
}

// header returns the key that a header holds: the key's fields as plain JSON,
// even where the record's own key carries a schema, whose meanings then hold. A
// header that cannot be read is none: it only helps to fill values.
func (k *keyDecoder) header(b []byte) tables.Key {
	saved := append([]tables.Value(nil), k.values...)
	given := append([]bool(nil), k.given...)
	last := k.last
	defer func() {
		copy(k.values, saved)
		copy(k.given, given)
		k.last = last
	}()
	clear(k.given)
	if jsontext.IsNull(b) {
		return ""
	}
	payload, m, err := k.in.Read(b, nil)
	if err != nil || jsontext.IsNull(payload) {
		return ""
	}
	if m != nil {
		k.last = m
	}
	if err := k.fields(payload, "header"); err != nil || k.missing() >= 0 {
		return ""
	}
	return k.key()
}
