package column

// Zone bounds the values that one block of a column has, as differences from the
// column's low. A block without values has a low above its high.
type Zone struct{ Low, High uint64 }

// Within says whether no value of the zone lies from from to to, and whether all do.
func (z Zone) Within(from, to uint64) (none, all bool) {
	return z.High < from || z.Low > to || z.Low > z.High, z.Low >= from && z.High <= to
}

// MakeZones bounds the blocks of a column that is kept as int64s or codes. With them a
// filter or an order passes over blocks whose values it cannot want: 16 bytes for 1,024
// rows, which pay wherever a column runs along with the order of the base.
func (c *Column) MakeZones(rows int) {
	if !c.Coded() || c.Ints.Span == 0 {
		return
	}
	c.Zones = make([]Zone, BlocksFor(rows))
	var busy Yield
	for block := range c.Zones {
		busy.Worked(BlockRows)
		n := min(rows-block<<BlockBits, BlockRows)
		if c.Valid == nil {
			c.Zones[block] = c.Ints.zone(block, n)
		} else {
			c.Zones[block] = c.nullableZone(block, n)
		}
	}
}

// nullableZone bounds a block some of whose rows may be null.
func (c *Column) nullableZone(block, rows int) Zone {
	var m Mask
	m.Fill(0, rows)
	m.AndWords(c.Valid.Block(block))
	if m.Count() == rows {
		return c.Ints.zone(block, rows)
	}
	z := Zone{Low: ^uint64(0)}
	for i := range m.Each {
		d := c.Ints.Delta(block<<BlockBits | i)
		z.Low, z.High = min(z.Low, d), max(z.High, d)
	}
	return z
}

// zone bounds the first n values of a block.
func (p *Packed) zone(block, n int) Zone {
	from := block << BlockBits
	switch {
	case p.W8 != nil:
		return zoneOf(p.W8[from : from+n])
	case p.W16 != nil:
		return zoneOf(p.W16[from : from+n])
	case p.W24 != nil:
		var wide [BlockRows]uint32
		return zoneOf(p.W24.Block(block, &wide)[:n])
	case p.W32 != nil:
		return zoneOf(p.W32[from : from+n])
	case p.W48.Raw != nil:
		var wide [BlockRows]uint64
		return zoneOf(p.W48.Block(block, &wide)[:n])
	}
	return zoneOf(p.W64[from : from+n])
}

func zoneOf[T Unsigned](values []T) Zone {
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	return Zone{uint64(low), uint64(high)}
}
