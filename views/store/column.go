package store

import "github.com/tidemark/tidemark/tables"

// column is one column of a base. It never changes once it is built.
type column struct {
	typ  tables.Type
	form form
	// ints holds formInt, or the codes of dict. Null rows hold low.
	ints  packed
	his   []int64  // formWide
	los   []uint64 // formWide
	zones []zone   // of ints, by block; nil when they are all one, or there are none
	dict  *dictionary
	texts *arena // formText without a dictionary
	valid bitmap // rows with a value; nil when all have one
	gone  bitmap // rows whose value is unavailable, a part of those without one; nil when there are none
}

// coded reports whether ints orders the column's values: all but wide ones and
// texts without a dictionary.
func (c *column) coded() bool { return c.form == formInt || c.dict != nil }

func (c *column) isNull(i int) bool { return c.valid != nil && !c.valid.get(i) }

func (c *column) state(i int) uint8 {
	if !c.isNull(i) {
		return present
	}
	if c.gone != nil && c.gone.get(i) {
		return unavailable
	}
	return null
}

func (c *column) wide(i int) wide { return wide{c.his[i], c.los[i]} }

func (c *column) text(i int) string {
	if c.dict != nil {
		return c.dict.text(int(c.ints.delta(i)))
	}
	return c.texts.text(i)
}

func (c *column) value(i int) tables.Value {
	switch c.state(i) {
	case null:
		return tables.Value{}
	case unavailable:
		return tables.UnavailableValue()
	}
	switch c.form {
	case formInt:
		return valueOfInt(c.typ, c.ints.at(i))
	case formWide:
		return valueOfWide(c.typ, c.wide(i))
	}
	return valueOfText(c.typ, c.text(i))
}

func (c *column) bytes() int64 {
	n := c.ints.bytes() + int64(8*(len(c.his)+len(c.los)+len(c.valid)+len(c.gone))+16*len(c.zones))
	if c.dict != nil {
		n += c.dict.bytes()
	}
	if c.texts != nil {
		n += c.texts.bytes()
	}
	return n
}
