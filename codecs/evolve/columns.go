package evolve

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// origin says where a column's values come from when a table's rows are made from
// those of an older definition.
type origin struct {
	from     int  // the column of the old definition, or -1: the document
	rescaled bool // its values take another scale
}

// originOf finds the origin of a column. The reason says why neither old values nor
// documents have it, when neither does.
func originOf(from, to *tables.Table, col *tables.Column) (o origin, reason string) {
	if i := sameColumn(from, col); i >= 0 {
		return origin{from: i}, ""
	}
	if i := narrowerColumn(from, col); i >= 0 {
		return origin{from: i, rescaled: true}, ""
	}
	switch {
	case from.Document != tables.DocumentKeep:
		return origin{}, "and no documents are kept that could have its values"
	case col.Encoding == tables.EncodingNone && ambiguous(col.Type.Kind):
		return origin{}, fmt.Sprintf("and a document does not say how it writes a %s: declare the column's encoding", col.Type)
	}
	return origin{from: -1}, ""
}

// sameColumn finds the column of the same place, type and encoding, whatever its name.
func sameColumn(t *tables.Table, col *tables.Column) int {
	for i := range t.Columns {
		c := &t.Columns[i]
		if sameSource(c, col) && widens(c.Type, col.Type) {
			return i
		}
	}
	return -1
}

// sameSource reports whether two columns read the same places in the same way.
func sameSource(a, b *tables.Column) bool {
	return slices.Equal(a.Places(), b.Places()) && a.Encoding == b.Encoding && reflect.DeepEqual(a.Items, b.Items)
}

// widens reports whether each value of one type is a value of the other, as it is stored.
func widens(from, to tables.Type) bool {
	return from == to ||
		from.Kind == tables.DecimalKind && to.Kind == tables.DecimalKind && from.Scale == to.Scale && from.Precision <= to.Precision
}

// narrowerColumn finds a column of the same place whose values are numbers that the
// column holds, all of them, at another scale.
func narrowerColumn(t *tables.Table, col *tables.Column) int {
	if col.Type.Kind != tables.DecimalKind || col.Encoding == tables.EncodingDecimalBase64 {
		return -1 // base64 means another number under another scale
	}
	room := int(col.Type.Precision) - int(col.Type.Scale)
	for i := range t.Columns {
		c := &t.Columns[i]
		if !sameSource(c, col) {
			continue
		}
		switch c.Type.Kind {
		case tables.Int64:
			if room >= int64Digits {
				return i
			}
		case tables.DecimalKind:
			if c.Type.Scale <= col.Type.Scale && int(c.Type.Precision)-int(c.Type.Scale) <= room {
				return i
			}
		}
	}
	return -1
}

const int64Digits = 19

// ambiguous reports whether JSON has several ways to write values of a kind, and
// does not say which one it is.
func ambiguous(k tables.Kind) bool {
	switch k {
	case tables.DecimalKind, tables.Bytes, tables.Date, tables.Time, tables.Timestamp:
		return true
	}
	return false
}

func (c *comparison) columns() {
	for i := range c.to.Columns {
		c.column(&c.to.Columns[i])
	}
	for i := range c.from.Columns {
		if name := c.from.Columns[i].Name; c.to.ColumnIndex(name) < 0 {
			c.take(CostCarry, "the column %s is gone", name)
		}
	}
	if wire.Fingerprint(c.from) != wire.Fingerprint(c.to) {
		c.say(CostCarry, "rows hold other columns, or in another order")
	}
	c.indexes()
}

func (c *comparison) column(col *tables.Column) {
	what, say := "new", c.say
	if i := c.from.ColumnIndex(col.Name); i >= 0 {
		what = "changed"
		if !keeps(&c.from.Columns[i], col) {
			say = c.take
		}
	}
	o, reason := originOf(c.from, c.to, col)
	switch {
	case reason != "":
		say(CostRebuild, "the column %s is %s, %s", col.Name, what, reason)
	case o.from < 0:
		c.filled = append(c.filled, col.Name)
		say(CostCarry, "the column %s is %s, its values are read from the documents", col.Name, what)
	case what == "new":
		say(CostCarry, "the column %s is new, its values are those of %s", col.Name, c.from.Columns[o.from].Name)
	case o.rescaled || c.from.Columns[o.from].Type != col.Type:
		say(CostCarry, "the column %s is a %s instead of a %s", col.Name, col.Type, c.from.Columns[o.from].Type)
	}
}

// keeps reports whether a column still says what it said: it has more digits, or more
// places to be read from.
func keeps(was, is *tables.Column) bool {
	more := *was
	more.Path, more.OtherPaths = is.Path, is.OtherPaths
	for _, place := range was.Places() {
		if !slices.Contains(is.Places(), place) {
			return false
		}
	}
	return sameSource(&more, is) && widens(was.Type, is.Type)
}

func (c *comparison) indexes() {
	for i := range c.to.Columns {
		col := &c.to.Columns[i]
		j := c.from.ColumnIndex(col.Name)
		if j < 0 {
			continue
		}
		was := &c.from.Columns[j]
		if was.Index != col.Index {
			c.say(CostView, "the column %s has an index or has none any more", col.Name)
		}
		if was.NullOnError != col.NullOnError {
			c.say(CostNone, "the column %s takes values that cannot be read in another way, from now on", col.Name)
		}
		old, now := *was, *col
		old.OtherPaths, old.Items, old.Told = now.OtherPaths, now.Items, now.Told
		old.Type, old.Path, old.Encoding, old.Index, old.NullOnError = now.Type, now.Path, now.Encoding, now.Index, now.NullOnError
		if !reflect.DeepEqual(old, now) { // what this code does not know of must not pass for nothing
			c.take(CostRebuild, "the column %s is read in another way", col.Name)
		}
	}
}
