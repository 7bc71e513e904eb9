package cdc

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// A rowDecoder is what the decoders of messages with data and old share, Maxwell's
// and Canal's: the key is in the row, and old says what an update has changed.
type rowDecoder struct {
	*jsonDecoder
	m, keys   []convert.Meaning
	table     string // database.table whose messages count, or table; empty: all
	keysSplit bool   // a change of key has been split in two before it comes here

	kind, database, name, ts, data, old []byte
}

func newRowDecoder(t *tables.Table, o Options) *rowDecoder {
	d := &rowDecoder{
		jsonDecoder: newJSONDecoder(t, o, "data.", 0, convert.In(func(*convert.Schema) *convert.Schema { return nil })),
		table:       t.Source.Table, keysSplit: t.Repartitioned(),
	}
	d.m = d.none
	return d
}

// start sets what every change has; done is true when there is no message to read.
func (d *rowDecoder) start(r *codecs.Record, c *tables.Change) (done bool, err *codecs.Error) {
	*c = tables.Change{Partition: r.Partition, Offset: r.Offset, Time: r.Time.UnixMicro(), Values: c.Values[:0]}
	if jsontext.IsNull(r.Value) {
		return true, d.tombstone(r, c)
	}
	if err := checkUTF8(r.Value, "value"); err != nil {
		return true, err
	}
	clear(d.key.given)
	d.key.last = d.keyMeanings() // of the keys in headers
	return false, nil
}

// keyMeanings returns the meanings of the key's columns, in the key's order.
func (d *rowDecoder) keyMeanings() []convert.Meaning {
	if d.keys == nil {
		d.keys = make([]convert.Meaning, len(d.key.columns))
		for i, at := range d.keyAt {
			if at >= 0 {
				d.keys[at] = d.m[i]
			}
		}
	}
	return d.keys
}

func (d *rowDecoder) reset() {
	d.kind, d.database, d.name, d.ts, d.data, d.old = nil, nil, nil, nil, nil, nil
	d.row.Reset()
}

// each calls member at the value of every member of the message, which it must read.
func (d *rowDecoder) each(value []byte, member func(name []byte, s *jsontext.Scanner)) *codecs.Error {
	s := jsontext.Scan(value)
	if s.Peek() != '{' {
		return &codecs.Error{Field: "value", Reason: jsontext.Mismatch("an object", value)}
	}
	for _, name := range s.Members() {
		member(name, &s)
	}
	if !s.End() {
		return d.faultOf(&s, value)
	}
	return nil
}

// common reads a member that both formats have.
func (d *rowDecoder) common(name []byte, s *jsontext.Scanner) {
	switch string(name) {
	case "type":
		d.kind = s.Value()
	case "database":
		d.database = s.Value()
	case "table":
		d.name = s.Value()
	case "ts":
		d.ts = s.Value()
	default:
		s.Value()
	}
}

// image reads the row, if there is an object.
func (d *rowDecoder) image(s *jsontext.Scanner) {
	if s.Peek() != '{' {
		d.data = s.Value()
		return
	}
	start := s.Pos()
	d.row.Reset()
	if d.row.Read(s) {
		d.data = s.Since(start)
	}
}

// elsewhere skips a message of another table than the declared one.
func (d *rowDecoder) elsewhere(c *tables.Change) bool {
	if d.table == "" || d.name == nil {
		return false
	}
	database, ok1 := jsontext.ScalarOrNone(d.database)
	name, ok2 := jsontext.ScalarOrNone(d.name)
	full := ok1 && ok2 && len(d.table) == len(database)+1+len(name) && strings.HasPrefix(d.table, string(database)) &&
		d.table[len(database)] == '.' && strings.HasSuffix(d.table, string(name))
	if full || ok2 && string(name) == d.table {
		return false
	}
	c.Reason = SkipOtherTable
	return true
}

// put makes c the upsert of the row in data. old is what the update has changed.
func (d *rowDecoder) put(r *codecs.Record, c *tables.Change, old []byte) *codecs.Error {
	if jsontext.IsNull(d.data) {
		c.Reason = SkipNoRow
		return nil
	}
	if d.data[0] != '{' {
		return &codecs.Error{Field: "data", Reason: jsontext.Mismatch("an object", d.data)}
	}
	if err := d.upsert(r, c, d.m, nil, d.data); err != nil {
		return err
	}
	was, err := d.keyBefore(old)
	if err != nil || was == "" || was == c.Key {
		return err
	}
	if !d.keysSplit {
		return &codecs.Error{Field: "old", Reason: "the row's key changed, which is two changes in one record: the source needs partitioner: any"}
	}
	c.OldKey = was
	return nil
}

// take makes c the deletion of the row in data.
func (d *rowDecoder) take(r *codecs.Record, c *tables.Change) *codecs.Error {
	if jsontext.IsNull(d.data) || d.data[0] != '{' {
		return &codecs.Error{Field: "data", Reason: jsontext.Mismatch("the deleted row", d.data)}
	}
	d.row.Settle()
	if err := d.completeKey(d.m, nil); err != nil {
		return err
	}
	c.Op, c.Key = tables.Delete, d.key.key()
	d.headers(r, c)
	return nil
}

// keyBefore returns the key that the row had before the update, or nothing where
// old does not report another one. The row's key has been read.
func (d *rowDecoder) keyBefore(old []byte) (tables.Key, *codecs.Error) {
	if jsontext.IsNull(old) {
		return "", nil
	}
	if s := jsontext.Scan(old); s.Peek() != '{' {
		return "", &codecs.Error{Field: "old", Reason: jsontext.Mismatch("an object", old)}
	}
	was, err := d.keysIn(old, "old")
	if err != nil {
		return "", err
	}
	if !was.Filled {
		return "", nil
	}
	values := slices.Clone(d.key.values)
	for i, at := range d.keyAt {
		raw := was.Raw[i]
		if broken := was.Fault(i); broken != nil {
			return "", &codecs.Error{Field: "old." + broken.Field, Reason: broken.Reason}
		}
		if at < 0 || jsontext.IsNull(raw) {
			continue
		}
		v, reason := convert.Value(d.columns[i].Type, d.m[i], raw)
		if reason != "" {
			return "", &codecs.Error{Field: "old." + d.columns[i].Where(), Reason: reason}
		}
		values[at] = v
	}
	return tables.EncodeKey(values...), nil
}

// word returns the text of a string without its quotes.
func word(raw []byte) string { return string(bytes.Trim(raw, `"`)) }
