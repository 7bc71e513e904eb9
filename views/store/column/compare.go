package column

import "github.com/tidemark/tidemark/tables"

// Comparer returns the order of a row's value against v, nulls last. v may be null.
func (c *Column) Comparer(v tables.Value) func(row int) int {
	if v.IsNull() {
		return func(row int) int {
			if c.IsNull(row) {
				return 0
			}
			return -1
		}
	}
	present := c.presentComparer(v)
	if c.Valid == nil {
		return present
	}
	return func(row int) int {
		if !c.Valid.Get(row) {
			return 1
		}
		return present(row)
	}
}

func (c *Column) presentComparer(v tables.Value) func(row int) int {
	switch {
	case c.Type.Kind == tables.Float64:
		return func(row int) int { return tables.Compare(ValueOfInt(c.Type, c.Ints.At(row)), v) }
	case c.Form == FormInt:
		x := IntOf(v)
		return func(row int) int { return CompareInts(c.Ints.At(row), x) }
	case c.Form == FormWide:
		x := WideOf(v)
		return func(row int) int { return c.Wide(row).Compare(x) }
	case c.Dict != nil:
		code, found := c.Dict.Find(v.Str())
		return func(row int) int {
			r := CompareInts(int64(c.Ints.Delta(row)), int64(code))
			if r == 0 && !found {
				return 1
			}
			return r
		}
	}
	x := v.Str()
	return func(row int) int { return CompareText(c.Texts.Text(row), x) }
}

// CompareInts is cmp.Compare for int64s.
func CompareInts(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
