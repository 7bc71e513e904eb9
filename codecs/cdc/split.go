package cdc

import (
	"errors"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// A Part is one change of a record: what is under one key. Most records are one
// part; a message of several rows, or one that changes a row's key, is several.
type Part struct {
	Op     tables.Op
	Key    tables.Key // of an Upsert or a Delete
	Reason string     // of a Skip
	// Value is the value of a record that holds this part alone, in the format of the
	// source: the record's own where it is one part.
	Value []byte
	// NewKey is the header that gives a delete of the key that takes its place.
	NewKey []byte
	// Fault says why the part has no address; a decoder of whole records says it, too.
	Fault *codecs.Error
}

// Header returns the headers that a part has beside those of its record.
func (p *Part) Header() []codecs.Header {
	if p.NewKey == nil {
		return nil
	}
	return []codecs.Header{{Name: codecs.NewKeyHeader, Value: p.NewKey}}
}

// Splitter says under which keys the changes of a record are. It reads no more of
// a record than that takes. It is not safe for concurrent use.
type Splitter interface {
	// Split appends the parts of r to dst, in their order. Their values may alias the
	// record's bytes. The error is one for which errors.Is(err, ErrUnavailable).
	Split(r *codecs.Record, dst []Part) ([]Part, error)
}

// NewSplitter returns the splitter of a table's source.
func NewSplitter(t *tables.Table, o Options) (Splitter, error) {
	keys := *t
	keys.Columns, keys.Where, keys.SortKey = nil, "", nil
	keys.Source.DeleteWhen = "" // whoever decodes the part decides
	keys.Document = tables.DocumentDrop
	for _, i := range t.KeyColumns() {
		keys.Columns = append(keys.Columns, t.Columns[i])
	}
	o.declared = t.Columns
	d, err := newShell(&keys, o)
	if err != nil {
		return nil, err
	}
	one := &keySplitter{shell: d}
	for i := range keys.Columns {
		one.columns = append(one.columns, keys.Columns[i].Name)
	}
	if d.batches {
		return &batchSplitter{keySplitter: one}, nil
	}
	if d.rows {
		return &canalSplitter{keySplitter: one}, nil
	}
	return one, nil
}

// keySplitter splits records of one row.
type keySplitter struct {
	*shell  // of the key's columns alone
	columns []string
	change  tables.Change
}

// Split implements Splitter.
func (k *keySplitter) Split(r *codecs.Record, dst []Part) ([]Part, error) {
	c := &k.change
	err := k.Decode(r, c)
	if err == nil {
		if c.Op == tables.Upsert && k.message != nil && c.OldKey != "" {
			dst = append(dst, k.left(r, c))
		}
		return append(dst, Part{Op: c.Op, Key: c.Key, Reason: c.Reason, Value: r.Value}), nil
	}
	if errors.Is(err, codecs.ErrUnavailable) {
		return dst, err
	}
	fault := &codecs.Error{Field: "record", Reason: err.Error()}
	errors.As(err, &fault)
	return append(dst, Part{Value: r.Value, Fault: fault}), nil
}

// left is the first half of an update that changes a row's key: the deletion of the
// old one, as a message of its own.
func (k *keySplitter) left(r *codecs.Record, c *tables.Change) Part {
	m, _ := jsontext.ReadObject(r.Value)
	row := k.message.data
	fields, _ := jsontext.ReadObject(row)
	was, _ := jsontext.ReadObject(k.message.old)
	newKey := k.newKey()
	for _, f := range was {
		fields.Set(f.Name, f.Value)
	}
	data := fields.Append(nil)
	kind, old := []byte(`"delete"`), []byte("null")
	if k.rows {
		kind, data = []byte(`"DELETE"`), slices.Concat([]byte("["), data, []byte("]"))
	}
	m.Set("type", kind)
	m.Set("data", data)
	m.Set("old", old)
	return Part{Op: tables.Delete, Key: c.OldKey, Value: m.Append(nil), NewKey: newKey}
}

// newKey writes the key of the row that was just decoded, as a header holds it.
func (k *keySplitter) newKey() []byte {
	var fields jsontext.Object
	for i, name := range k.columns {
		fields = append(fields, jsontext.Member{Name: name, Value: k.message.row.Raw[i]})
	}
	return fields.Append(nil)
}

// canalSplitter makes messages of one row of those that have several.
type canalSplitter struct{ *keySplitter }

// Split implements Splitter.
func (s *canalSplitter) Split(r *codecs.Record, dst []Part) ([]Part, error) {
	m, ok := jsontext.ReadObject(r.Value)
	rows, old := jsontext.Elements(m.Get("data")), jsontext.Elements(m.Get("old"))
	if len(rows) == 0 && strings.EqualFold(word(m.Get("type")), "delete") {
		rows, old = old, nil // the deleted rows, as some write them
	}
	if !ok || len(rows) < 2 {
		return s.keySplitter.Split(r, dst)
	}
	m.Set("sql", []byte(`""`))
	m.Set("data", nil)
	m.Set("old", nil)
	if rest := len(m.Append(nil)); rest*len(rows) > maxRepeated {
		return append(dst, Part{Value: r.Value, Fault: &codecs.Error{Field: "data", Reason: "too many rows beside too much else to be split"}}), nil
	}
	single := *r
	var err error
	for i, row := range rows {
		was := []byte("null")
		if i < len(old) {
			was = slices.Concat([]byte("["), old[i], []byte("]"))
		}
		m.Set("data", slices.Concat([]byte("["), row, []byte("]")))
		m.Set("old", was)
		single.Value = m.Append(nil)
		if dst, err = s.keySplitter.Split(&single, dst); err != nil {
			return dst, err
		}
		if dst[len(dst)-1].Op == tables.Truncate || dst[len(dst)-1].Op == tables.Skip && dst[len(dst)-1].Fault == nil {
			return dst, nil // it holds for the whole message
		}
	}
	return dst, nil
}

// maxRepeated bounds what a hostile message can make of itself, in bytes: each row
// takes the message's other members with it, but for the statement.
const maxRepeated = 64 << 20
