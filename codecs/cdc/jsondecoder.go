package cdc

import (
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/extract"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/codecs/source"
	"github.com/tidemark/tidemark/tables"
)

const (
	heartbeatTopics = "__debezium-heartbeat"
	oldKeyHeader    = "__debezium.oldkey"
)

// A jsonDecoder is what the decoders of all JSON formats share: finding the
// declared values, the key, and the forms of a delete.
type jsonDecoder struct {
	columns     []tables.Column
	keyAt       []int // per column its place in the key, or -1
	key         *keyDecoder
	row         *extract.Paths
	in          input
	none        []convert.Meaning // by the columns' encodings alone
	holder      *extract.Placeholder
	source      source.Fields
	keep        bool           // the document
	prefix      string         // of a field's name in errors
	tops        [][]int        // per column the slots of its paths' topmost members, where absent members keep what is stored; else nil
	cells       bool           // values are in cells
	cellAt      []int          // per column the slot of the cell that its path leads into, or -1; nil where no connector is known
	mark        *deletionMark  // nil where no condition deletes
	below       string         // what the columns' places begin with, and those in another image of the row do not
	images      *extract.Paths // the key's columns in such an image; made when first used
	sharedTopic bool           // a null value may be of another table: it names none, and a delete goes before it
	bson        bool           // whether the row at hand is extended JSON
}

func newJSONDecoder(t *tables.Table, o Options, prefix string, extra int, find convert.Find) *jsonDecoder {
	p := extract.NewPlaceholder(t.Source.Placeholder)
	slots := len(t.Columns) + extra
	d := &jsonDecoder{
		columns: slices.Clone(t.Columns), key: newKeyDecoder(t, p, o), holder: p,
		row: extract.New(slots, p), keep: t.Document == tables.DocumentKeep, prefix: prefix,
		cells: t.Source.Cells,
	}
	d.row.Watch = d.keep
	d.keyAt = make([]int, len(t.Columns))
	for i := range d.columns {
		d.row.AddPlaces(d.columns[i].Places(), i)
		d.keyAt[i] = slices.Index(t.Key, d.columns[i].Name)
	}
	if t.Source.Missing == tables.MissingKeep {
		for i := range d.columns {
			d.tops = append(d.tops, d.row.AddTops(t.Source.RowMember(), d.columns[i].Places()))
		}
	}
	d.in = newValueInput(t, d.columns, o, find)
	d.none = convert.Meanings(d.columns, convert.NoSchema)
	d.mark = newDeletionMark(t, d)
	return d
}

// begin sets what every change has, and reads the payload of the value; done is
// true when that already decided the change.
func (d *jsonDecoder) begin(r *codecs.Record, c *tables.Change) (payload []byte, m []convert.Meaning, done bool, err *codecs.Error) {
	*c = tables.Change{Partition: r.Partition, Offset: r.Offset, Time: r.Time.UnixMicro(), Values: c.Values[:0]}
	if strings.HasPrefix(r.Topic, heartbeatTopics) {
		c.Reason = SkipHeartbeat
		return nil, nil, true, nil
	}
	if jsontext.IsNull(r.Value) {
		return nil, nil, true, d.tombstone(r, c)
	}
	payload, m, err = d.in.Read(r.Value, r.Headers)
	switch {
	case err != nil:
		return nil, nil, true, err
	case jsontext.IsNull(payload):
		return nil, nil, true, d.tombstone(r, c)
	case m == nil:
		m = d.none
	}
	return payload, m, false, nil
}

// tombstone decodes a record without a value.
func (d *jsonDecoder) tombstone(r *codecs.Record, c *tables.Change) *codecs.Error {
	if d.sharedTopic {
		c.Reason = SkipTombstone
		return nil
	}
	null, err := d.key.read(r)
	switch {
	case err != nil:
		return err
	case null:
		c.Reason = SkipTombstone
		return nil
	}
	return d.remove(r, c)
}

// remove makes c the deletion of the key that was read. Only the record's key
// says which row it is: an image of the row before may be made up.
func (d *jsonDecoder) remove(r *codecs.Record, c *tables.Change) *codecs.Error {
	if i := d.key.missing(); i >= 0 {
		return &codecs.Error{Field: "key." + d.key.columns[i].Name, Reason: "a delete whose key has no such member: " + jsontext.Clip(r.Key), Cause: codecs.ErrOtherKey}
	}
	c.Op, c.Key = tables.Delete, d.key.key()
	d.headers(r, c)
	return nil
}

// headers reads the keys that a change of primary key leaves in headers.
func (d *jsonDecoder) headers(r *codecs.Record, c *tables.Change) {
	for i := range r.Headers {
		switch r.Headers[i].Name {
		case codecs.NewKeyHeader:
			c.NewKey = d.key.header(r.Headers[i].Value)
		case oldKeyHeader:
			c.OldKey = d.key.header(r.Headers[i].Value)
		}
	}
}

// upsert makes c the upsert of the row whose values were found. The key has been read.
func (d *jsonDecoder) upsert(r *codecs.Record, c *tables.Change, m []convert.Meaning, before, document []byte) *codecs.Error {
	d.row.Settle()
	if err := d.completeKey(m, before); err != nil {
		return err
	}
	c.Values = slices.Grow(c.Values[:0], len(d.columns))[:len(d.columns)]
	for i := range d.columns {
		if at := d.keyAt[i]; at >= 0 {
			c.Values[i] = d.key.values[at]
			continue
		}
		if err := d.value(i, m[i], c); err != nil {
			return err
		}
	}
	c.Op, c.Key = tables.Upsert, d.key.key()
	d.headers(r, c)
	if d.mark != nil && d.mark.meets(c.Values, d.row.Raw) {
		c.Op, c.Values, c.Incomplete = tables.Delete, c.Values[:0], false
		return nil
	}
	if d.keep {
		c.Document = jsontext.Flatten(d.touched(document))
		c.Incomplete = c.Incomplete || d.row.Partial || d.tops != nil
	}
	return nil
}

// value fills the i-th value of c.
func (d *jsonDecoder) value(i int, m convert.Meaning, c *tables.Change) *codecs.Error {
	raw := d.rawAt(i)
	if d.row.Missing[i] || d.holder.Is(raw) || d.absent(i) || d.untouched(i) {
		c.Values[i] = tables.UnavailableValue()
		c.Incomplete = true
		return nil
	}
	col := &d.columns[i]
	if d.bson {
		m, raw = convert.Extended(col.Type, m, raw)
	}
	if broken := d.row.Fault(i); broken != nil {
		if !col.NullOnError {
			return d.at(broken)
		}
		raw = nil
	}
	v, reason := convert.Value(col.Type, m, raw)
	if reason != "" {
		if !col.NullOnError {
			return &codecs.Error{Field: d.prefix + col.Where(), Reason: reason}
		}
		v = tables.Value{}
	}
	c.Values[i] = v
	return nil
}

// at returns a fault of the row as one of the record.
func (d *jsonDecoder) at(e *codecs.Error) *codecs.Error {
	return &codecs.Error{Field: d.prefix + e.Field, Reason: e.Reason}
}

// absent reports whether the event has nothing of a column that then keeps its value.
func (d *jsonDecoder) absent(i int) bool {
	if d.tops == nil || d.row.There(i) {
		return false
	}
	for _, top := range d.tops[i] {
		if d.row.Raw[top] != nil {
			return false
		}
	}
	return true
}

// completeKey takes from the row what the record's key lacks. That is safe where
// the row has it and the event does not show that it changed: the old row would
// stay behind under a key that nobody names.
func (d *jsonDecoder) completeKey(m []convert.Meaning, before []byte) *codecs.Error {
	if d.key.missing() < 0 {
		return nil
	}
	for i, at := range d.keyAt {
		if at < 0 || d.key.given[at] {
			continue
		}
		name := d.columns[i].Name
		raw := d.rawAt(i)
		if broken := d.row.Fault(i); broken != nil {
			return d.at(broken)
		}
		if raw == nil || raw[0] == 'n' || d.holder.Is(raw) {
			return &codecs.Error{Field: "key." + name, Reason: "neither the record's key nor its row has it", Cause: codecs.ErrOtherKey}
		}
		meant := m[i]
		if d.bson {
			meant, raw = convert.Extended(d.columns[i].Type, meant, raw)
		}
		v, reason := convert.Value(d.columns[i].Type, meant, raw)
		if reason != "" {
			return &codecs.Error{Field: d.prefix + d.columns[i].Where(), Reason: reason}
		}
		d.key.values[at], d.key.given[at] = v, true
		if err := d.unchanged(i, m[i], v, before); err != nil {
			return err
		}
	}
	return nil
}

// unchanged checks that the row before has the same value, if it has one.
func (d *jsonDecoder) unchanged(i int, m convert.Meaning, v tables.Value, before []byte) *codecs.Error {
	if len(before) == 0 || before[0] != '{' {
		return nil
	}
	found, err := d.keysIn(before, "before")
	if err != nil || found.Raw[i] == nil {
		return nil
	}
	raw := d.inCell(found.Raw[i])
	was, reason := convert.Value(d.columns[i].Type, m, raw)
	if reason == "" && !was.IsNull() && tables.Compare(was, v) != 0 {
		return &codecs.Error{Field: "key." + d.columns[i].Name, Reason: "it changed, and the record's key does not hold it", Cause: codecs.ErrOtherKey}
	}
	return nil
}

// clock sets the time and the source position of c from the source's fields.
func (d *jsonDecoder) clock(c *tables.Change) {
	if us, ok := d.source.Time(); ok {
		c.Time = us
	}
	c.Source = d.source.Position()
}
