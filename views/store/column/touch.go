package column

// Touch reads something of each row's value.
//
//go:noinline
func (c *Column) Touch(rows []uint32) (sum uint64) {
	switch p := &c.Ints; {
	case c.Texts != nil:
		return c.Texts.touch(rows)
	case c.Form == FormWide:
		for _, row := range rows {
			sum += c.Los[row] + uint64(c.His[row])
		}
	case p.W8 != nil:
		sum = touched(p.W8, rows)
	case p.W16 != nil:
		sum = touched(p.W16, rows)
	case p.W24 != nil:
		for _, row := range rows {
			sum += uint64(p.W24.At(int(row)))
		}
	case p.W32 != nil:
		sum = touched(p.W32, rows)
	case p.W48.Raw != nil:
		for _, row := range rows {
			sum += p.W48.At(int(row))
		}
	case p.W64 != nil:
		sum = touched(p.W64, rows)
	}
	return sum
}

func touched[T Unsigned](values []T, rows []uint32) (sum uint64) {
	for _, row := range rows {
		sum += uint64(values[row])
	}
	return sum
}

// touch reads where the texts are, and then their first bytes.
func (a *Arena) touch(rows []uint32) (sum uint64) {
	for _, row := range rows {
		sum += a.bounds(int(row)) + uint64(len(a.Blocks[row>>BlockBits]))
	}
	for _, row := range rows {
		if s := a.Text(int(row)); s != "" {
			sum += uint64(s[0])
		}
	}
	return sum
}
