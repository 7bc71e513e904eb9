package store

import (
	"cmp"
	"slices"

	"github.com/tidemark/tidemark/views/query"
)

// zone bounds the values that one block of a column has, as differences from the
// column's low. A block without values has a low above its high.
type zone struct{ low, high uint64 }

// within says whether no value of the zone lies from from to to, and whether all do.
func (z zone) within(from, to uint64) (none, all bool) {
	return z.high < from || z.low > to || z.low > z.high, z.low >= from && z.high <= to
}

// makeZones bounds the blocks of a column that is kept as int64s or codes. With them a
// filter or an order passes over blocks whose values it cannot want: 16 bytes for 1,024
// rows, which pay wherever a column runs along with the order of the base.
func (c *column) makeZones(rows int) {
	if !c.coded() || c.ints.span == 0 {
		return
	}
	c.zones = make([]zone, blocksFor(rows))
	var busy turn
	for block := range c.zones {
		busy.worked(blockRows)
		n := min(rows-block<<blockBits, blockRows)
		if c.valid == nil {
			c.zones[block] = c.ints.zone(block, n)
		} else {
			c.zones[block] = c.nullableZone(block, n)
		}
	}
}

// nullableZone bounds a block some of whose rows may be null.
func (c *column) nullableZone(block, rows int) zone {
	var m mask
	m.fill(0, rows)
	m.andWords(c.valid.block(block))
	if m.count() == rows {
		return c.ints.zone(block, rows)
	}
	z := zone{low: ^uint64(0)}
	for i := range m.each {
		d := c.ints.delta(block<<blockBits | i)
		z.low, z.high = min(z.low, d), max(z.high, d)
	}
	return z
}

// zone bounds the first n values of a block.
func (p *packed) zone(block, n int) zone {
	from := block << blockBits
	switch {
	case p.w8 != nil:
		return zoneOf(p.w8[from : from+n])
	case p.w16 != nil:
		return zoneOf(p.w16[from : from+n])
	case p.w24 != nil:
		var wide [blockRows]uint32
		return zoneOf(p.w24.block(block, &wide)[:n])
	case p.w32 != nil:
		return zoneOf(p.w32[from : from+n])
	case p.w48.bytes != nil:
		var wide [blockRows]uint64
		return zoneOf(p.w48.block(block, &wide)[:n])
	}
	return zoneOf(p.w64[from : from+n])
}

func zoneOf[T unsigned](values []T) zone {
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	return zone{uint64(low), uint64(high)}
}

// An excluder knows blocks in which no row can meet it, without a look at the rows.
type excluder interface{ excludes(block int) bool }

// excludes reports whether p rules a block out.
func excludes(p predicate, block int) bool {
	e, ok := p.(excluder)
	return ok && e.excludes(block)
}

func (c *conjunction) excludes(block int) bool {
	for _, p := range c.parts {
		if excludes(p, block) {
			return true
		}
	}
	return false
}

func (d *disjunction) excludes(block int) bool {
	for _, p := range d.parts {
		if !excludes(p, block) {
			return false
		}
	}
	return true
}

func (c constant) excludes(int) bool { return !bool(c) }

func (p *baseLeaf) excludes(block int) bool { return !p.nulls && excludes(p.values, block) }

func (p *packedRange) excludes(block int) bool {
	none, all := p.zone(block)
	return none && !p.not || all && p.not
}

// zone says what the block's zone says of the range.
func (p *packedRange) zone(block int) (none, all bool) {
	if p.zones == nil {
		return false, false
	}
	return p.zones[block].within(p.from, p.from+p.width)
}

func (p *packedSet) excludes(block int) bool {
	if p.zones == nil || p.not {
		return false
	}
	none, _ := p.zones[block].within(p.first, p.last)
	return none
}

// zoned reports whether p can rule a block out at all.
func zoned(p predicate) bool {
	switch p := p.(type) {
	case *conjunction:
		return slices.ContainsFunc(p.parts, zoned)
	case *disjunction:
		return !slices.ContainsFunc(p.parts, func(p predicate) bool { return !zoned(p) })
	case constant:
		return !bool(p)
	case *baseLeaf:
		return !p.nulls && zoned(p.values)
	case *packedRange:
		return p.zones != nil
	case *packedSet:
		return p.zones != nil && !p.not
	}
	return false
}

// zoneOrder is the order in which the parts of a base are read for the first rows of an
// order: the parts that can have them come first, so that the others need not be read.
type zoneOrder struct {
	zones []zone
	down  bool
}

// zoneOrder returns that of an order's first term, or nil when zones do not tell.
func (b *base) zoneOrder(t query.Order) *zoneOrder {
	c := &b.cols[t.Column]
	if c.zones == nil || c.valid != nil && t.NullsFirst {
		return nil
	}
	return &zoneOrder{zones: c.zones, down: t.Descending}
}

func (o *zoneOrder) sort(morsels []morsel) {
	best := make(map[int]uint64, len(morsels)) // by the first row
	for _, m := range morsels {
		z := zone{low: ^uint64(0)}
		for block := m.from >> blockBits; block<<blockBits < m.to; block++ {
			z.low, z.high = min(z.low, o.zones[block].low), max(z.high, o.zones[block].high)
		}
		best[m.from] = z.low
		if o.down {
			best[m.from] = ^z.high
		}
	}
	slices.SortStableFunc(morsels, func(a, b morsel) int { return cmp.Compare(best[a.from], best[b.from]) })
}
