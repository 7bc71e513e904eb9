package aggregate

import (
	"math"

	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// directGroups counts and adds up whole blocks of a base by a column whose values are few: what
// is most often asked of all rows. A group is found by the value itself, and one addition
// to one word counts a row and adds its value. Blocks that it does not take, and the
// delta, go the general way, into the same groups.
type directGroups struct {
	of      *grouping
	codes   *column.Packed  // of the column that groups; nil where there is one group
	width   int             // its values
	valid   []column.Bitmap // of the columns that have nulls; rows with one go the general way
	sums    []*sums         // those that want more than the count
	counts  []*counterWords
	pending []int // the blocks since the last flush
}

// newDirectGroups returns them, or nil when the query, or a column of it, needs more than counts
// and sums of small integers.
func newDirectGroups(g *grouping) *directGroups {
	if len(g.by) > 1 || len(g.acc) == 0 {
		return nil
	}
	d := &directGroups{of: g, width: 1}
	base := g.v.Base
	if len(g.by) == 1 {
		c := &base.Cols[g.columns[0]]
		if g.by[0].direct == nil || g.by[0].float || c.Ints.Span >= maxDirect {
			return nil
		}
		d.present(c)
		if d.width = int(c.Ints.Span) + 1; d.width > 1 {
			d.codes = &c.Ints
		}
	}
	for _, a := range g.acc {
		switch a := a.(type) {
		case *counts:
			if a.col >= 0 {
				d.present(&base.Cols[a.col])
			}
		case *sums:
			c := &base.Cols[a.col]
			if a.wide || c.Ints.Span > math.MaxUint32 || c.Ints.Low >= maxLow || c.Ints.Low <= -maxLow {
				return nil
			}
			d.present(c)
			d.sums = append(d.sums, a)
		default:
			return nil
		}
	}
	for range max(len(d.sums), 1) {
		d.counts = append(d.counts, new(counterWords))
	}
	return d
}

func (d *directGroups) present(c *column.Column) {
	if c.Valid != nil {
		d.valid = append(d.valid, c.Valid)
	}
}

// take adds rows of a block of the base and leaves those in m that it does not take.
func (d *directGroups) take(block int, m *column.Mask) {
	if (block+1)<<column.BlockBits > d.of.v.Base.Rows {
		return
	}
	mine := *m
	for _, v := range d.valid {
		mine.AndWords(v.Block(block))
	}
	if mine.Count() <= column.BlockRows/2 {
		return
	}
	m.AndNotWords(mine[:])
	d.block(block, &mine)
}

// block adds the rows of a whole block that are in m: most of them.
func (d *directGroups) block(block int, m *column.Mask) {
	for i, words := range d.counts {
		var values *column.Packed
		if i < len(d.sums) {
			values = &d.of.v.Base.Cols[d.sums[i].col].Ints
		}
		d.add(words, block, values)
		if m.Count() < column.BlockRows {
			d.without(words, block, values, m)
		}
	}
	if d.pending = append(d.pending, block); len(d.pending) == flushBlocks {
		d.flush()
	}
}

func (d *directGroups) add(words *counterWords, block int, values *column.Packed) {
	from, to := block<<column.BlockBits, (block+1)<<column.BlockBits
	switch {
	case d.codes == nil:
		addAll(words, values, block)
	case d.codes.W8 != nil:
		addCoded(words, d.codes.W8[from:to], values, block, d.width <= turnValues)
	default:
		addCoded(words, d.codes.W16[from:to], values, block, false)
	}
}

// without takes the rows of a block that are not in m out again.
func (d *directGroups) without(words *counterWords, block int, values *column.Packed, m *column.Mask) {
	absent := *m
	absent.Invert()
	for i := range absent.Each {
		row, x := block<<column.BlockBits|i, uint64(oneRow)
		if values != nil {
			x |= values.Delta(row)
		}
		words[d.code(row)] -= x // of whichever turn: their sum is what counts
	}
}

func (d *directGroups) code(row int) int {
	if d.codes == nil {
		return 0
	}
	return int(d.codes.Delta(row))
}

// flush gives what was counted to the groups.
func (d *directGroups) flush() {
	for code := range d.width {
		var group uint32
		for i, words := range d.counts {
			x := words[code]
			words[code] = 0
			if d.width <= turnValues {
				for turn := 1; turn < 4; turn++ {
					x += words[code+turn*turnValues]
					words[code+turn*turnValues] = 0
				}
			}
			n := int64(x / oneRow)
			if n == 0 {
				continue
			}
			if group == 0 {
				group = d.group(code)
				d.of.n[group] += n
			}
			if i < len(d.sums) {
				s := d.sums[i]
				s.one(group, int64(x%oneRow)+n*s.low(d.of.v))
			}
		}
	}
	d.pending = d.pending[:0]
}

// low is what every value of the base's column is written less than.
func (s *sums) low(v *mvcc.Version) int64 { return v.Base.Cols[s.col].Ints.Low }

// group returns the group of a value, which some pending block has.
func (d *directGroups) group(code int) uint32 {
	g := d.of
	if len(g.by) == 1 {
		if group := g.by[0].direct[code]; group != 0 {
			return group
		}
		g.by[0].direct[code] = g.by[0].fresh()
	} else if len(g.first) > nowhere+1 {
		return nowhere + 1
	}
	g.first = append(g.first, d.row(code))
	g.n = extend(g.n, len(g.first))
	for _, a := range g.acc {
		a.grow(len(g.first))
	}
	return uint32(len(g.first) - 1)
}

// row returns a row of the pending blocks that has a value. A null is stored as some
// value, too.
func (d *directGroups) row(code int) mvcc.Ref {
	var valid column.Bitmap
	if len(d.of.by) == 1 {
		valid = d.of.v.Base.Cols[d.of.columns[0]].Valid
	}
	for _, block := range d.pending {
		for i := range column.BlockRows {
			row := block<<column.BlockBits | i
			if d.code(row) == code && (valid == nil || valid.Get(row)) {
				return mvcc.RefOf(block, i, false)
			}
		}
	}
	return mvcc.NoRef
}
