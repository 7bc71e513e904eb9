package evolve

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/extract"
	"github.com/tidemark/tidemark/codecs/filter"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// A Rewriter makes rows of one definition of a table from the state rows of another
// that has the same key. Values of columns that did not change are taken as they are;
// the others are read from the row's document, by what it and the columns' encodings
// say. It is not safe for concurrent use.
type Rewriter struct {
	to          *tables.Table
	where       func([]tables.Value) bool
	fingerprint uint32 // of the old columns
	width       int    // how many there are
	origins     []origin
	oldTypes    []tables.Type
	keyAt       []int // per column its place in the key, or -1
	keyTypes    []tables.Type
	filled      bool // some column is read from documents
	row         *extract.Paths
	meanings    []convert.Meaning
	old, values []tables.Value
}

// UnreadError says that neither the old row nor its document has a value.
type UnreadError struct {
	Column string
	Key    string // as JSON
	Reason string
}

// Error names column and key.
func (e *UnreadError) Error() string {
	return fmt.Sprintf("column %s of the row with key %s: %s", e.Column, e.Key, e.Reason)
}

// NewRewriter makes a rewriter. Both tables must be valid.
func NewRewriter(from, to *tables.Table) (*Rewriter, error) {
	where, err := filter.Compile(to)
	if err != nil {
		return nil, err
	}
	holder := extract.NewPlaceholder(from.Source.Placeholder)
	w := &Rewriter{
		to: to, where: where, fingerprint: wire.Fingerprint(from), width: len(from.Columns), keyTypes: to.KeyTypes(),
		row: extract.New(len(to.Columns), holder),
	}
	for i := range from.Columns {
		w.oldTypes = append(w.oldTypes, from.Columns[i].Type)
	}
	w.keyAt = make([]int, len(to.Columns))
	for i := range w.keyAt {
		w.keyAt[i] = -1
	}
	for at, i := range to.KeyColumns() {
		w.keyAt[i] = at
	}
	for i := range to.Columns {
		c := &to.Columns[i]
		o, reason := originOf(from, to, c)
		if reason != "" {
			o.from = -1 // a document may have it all the same, or say why not
		}
		w.origins = append(w.origins, o)
		w.meanings = append(w.meanings, convert.Declared(c))
		w.row.AddPlaces(c.Places(), i)
		w.filled = w.filled || o.from < 0 && w.keyAt[i] < 0
	}
	return w, nil
}

// Rewrite makes the row of a key. Its values belong to the Rewriter until the next call
// and its document is the old one's. A value that neither has is unavailable, and the
// error, an *UnreadError, reports the first; any other error is about the old row.
func (w *Rewriter) Rewrite(key tables.Key, s *wire.StateRow) (tables.Row, error) {
	row := tables.Row{
		Offset: s.Offset, Time: s.Time, Source: s.Source, Streamed: s.Streamed, StreamedTime: s.StreamedTime,
		Logged: s.Logged, SourcePartition: s.SourcePartition, Unsettled: s.Unsettled,
	}
	known := s.Fingerprint == w.fingerprint
	if known {
		old, err := s.Row(w.old)
		if err != nil {
			return row, err
		}
		if w.old = old.Values; len(w.old) != w.width {
			return row, fmt.Errorf("state row: %d values of %d columns: %w", len(w.old), w.width, wire.ErrCorrupt)
		}
	}
	keys, err := tables.DecodeKey(key, w.keyTypes)
	if err != nil {
		return row, err
	}
	document := ""
	if w.filled || !known {
		document = w.read(s.Document)
	}
	var unread *UnreadError
	w.values = w.values[:0]
	for i := range w.to.Columns {
		v, reason := w.value(i, keys, known, document)
		if reason != "" && unread == nil {
			unread = &UnreadError{Column: w.to.Columns[i].Name, Key: keyInJSON(keys, w.keyTypes), Reason: reason}
		}
		w.values = append(w.values, v)
	}
	row.Values = w.values
	row.Hidden = w.where != nil && !w.where(w.values)
	if w.to.Document == tables.DocumentKeep {
		row.Document = s.Document
	}
	if unread != nil {
		return row, unread
	}
	return row, nil
}

// read finds the members of a document; it returns why they cannot be found.
func (w *Rewriter) read(document []byte) string {
	w.row.Reset()
	if document == nil {
		return "the row has no document that could have it"
	}
	s := jsontext.Scan(document)
	if !w.row.Read(&s) || !s.End() {
		return "the row's document cannot be read: " + s.Fault
	}
	w.row.Settle()
	return ""
}

// value returns the i-th value, and why nothing says it.
func (w *Rewriter) value(i int, keys []tables.Value, known bool, document string) (tables.Value, string) {
	o := w.origins[i]
	switch {
	case w.keyAt[i] >= 0:
		return keys[w.keyAt[i]], ""
	case known && o.from >= 0:
		return w.copied(i, o)
	case document != "":
		return tables.UnavailableValue(), document
	}
	raw := w.row.Raw[i]
	if w.row.Missing[i] || w.row.Holder.Is(raw) || !w.row.There(i) && w.to.Source.Missing == tables.MissingKeep {
		return tables.UnavailableValue(), ""
	}
	c := &w.to.Columns[i]
	v, reason := convert.Value(c.Type, w.meanings[i], raw)
	if reason == "" {
		reason = doubt(c, raw)
	}
	if broken := w.row.Fault(i); broken != nil {
		reason = broken.Error()
	}
	switch {
	case reason == "":
		return v, ""
	case c.NullOnError:
		return tables.Value{}, ""
	}
	return tables.UnavailableValue(), reason
}

// copied returns the old row's value for the i-th column.
func (w *Rewriter) copied(i int, o origin) (tables.Value, string) {
	v := w.old[o.from]
	if v.IsNull() || !o.rescaled {
		return v, ""
	}
	d, scale := v.Decimal(), int(w.oldTypes[o.from].Scale)
	if v.Kind() == tables.Int64 {
		d, scale = tables.DecimalFromInt64(v.Int()), 0
	}
	d, err := d.Rescale(scale, w.to.Columns[i].Type)
	if err != nil {
		return tables.UnavailableValue(), err.Error()
	}
	return tables.DecimalValue(d), ""
}

// doubt says why a value that can be read from a document may be another than the one
// that the source's schema would have said: the schema is not there any more.
func doubt(c *tables.Column, raw []byte) string {
	if c.Encoding != tables.EncodingNone || len(raw) == 0 {
		return ""
	}
	switch {
	case c.Type.Kind == tables.String && jsontext.IsNumber(raw):
		return jsontext.Mismatch("a string, for a number may stand for a date: declare the column's encoding", raw)
	case c.Type.Kind == tables.JSON && raw[0] == '"':
		return jsontext.Mismatch("no string, for it may hold JSON: declare the column's encoding", raw)
	}
	return ""
}

// keyInJSON writes a key as JSON: its value, or an array of several.
func keyInJSON(keys []tables.Value, types []tables.Type) string {
	var b []byte
	for i, v := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = tables.AppendJSON(b, types[i], v, false)
	}
	if len(keys) != 1 {
		return "[" + string(b) + "]"
	}
	return string(b)
}
