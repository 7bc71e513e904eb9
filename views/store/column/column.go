package column

import "github.com/tidemark/tidemark/tables"

// Column is one column of a base. It never changes once it is built.
type Column struct {
	Type tables.Type
	Form Form
	// Ints holds FormInt, or the codes of dict. Null rows hold low.
	Ints  Packed
	His   []int64  // FormWide
	Los   []uint64 // FormWide
	Zones []Zone   // of ints, by block; nil when they are all one, or there are none
	Dict  *Dictionary
	Texts *Arena // FormText without a dictionary
	Valid Bitmap // rows with a value; nil when all have one
	Gone  Bitmap // rows whose value is unavailable, a part of those without one; nil when there are none
}

// Coded reports whether ints orders the column's values: all but wide ones and
// texts without a dictionary.
func (c *Column) Coded() bool { return c.Form == FormInt || c.Dict != nil }

// IsNull reports whether row i has no value.
func (c *Column) IsNull(i int) bool { return c.Valid != nil && !c.Valid.Get(i) }

// State says whether row i is Present, Null or Unavailable.
func (c *Column) State(i int) uint8 {
	if !c.IsNull(i) {
		return Present
	}
	if c.Gone != nil && c.Gone.Get(i) {
		return Unavailable
	}
	return Null
}

// Wide returns the value of row i, whose form is FormWide.
func (c *Column) Wide(i int) Wide { return Wide{c.His[i], c.Los[i]} }

// Text returns the text of row i, which aliases the column.
func (c *Column) Text(i int) string {
	if c.Dict != nil {
		return c.Dict.Text(int(c.Ints.Delta(i)))
	}
	return c.Texts.Text(i)
}

// Value returns the value of row i as one of its type.
func (c *Column) Value(i int) tables.Value {
	switch c.State(i) {
	case Null:
		return tables.Value{}
	case Unavailable:
		return tables.UnavailableValue()
	}
	switch c.Form {
	case FormInt:
		return ValueOfInt(c.Type, c.Ints.At(i))
	case FormWide:
		return ValueOfWide(c.Type, c.Wide(i))
	}
	return ValueOfText(c.Type, c.Text(i))
}

// Bytes returns what the column takes in memory.
func (c *Column) Bytes() int64 {
	n := c.Ints.Bytes() + int64(8*(len(c.His)+len(c.Los)+len(c.Valid)+len(c.Gone))+16*len(c.Zones))
	if c.Dict != nil {
		n += c.Dict.Bytes()
	}
	if c.Texts != nil {
		n += c.Texts.Bytes()
	}
	return n
}

// TrimBitmaps drops the bitmaps that say nothing.
func (c *Column) TrimBitmaps(rows int) {
	if c.Gone.empty() {
		c.Gone = nil
	}
	if c.Valid.full(rows) {
		c.Valid = nil
	}
}

// Read returns what a column has at a row: a difference from the least value, a code, the
// first half of a wide value, or where a text begins and ends.
func (c *Column) Read(row int) uint64 {
	switch {
	case c.Coded():
		return c.Ints.Delta(row)
	case c.Form == FormWide:
		return uint64(c.His[row])
	}
	return c.Texts.bounds(row)
}
