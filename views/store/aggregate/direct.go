package aggregate

import (
	"math"

	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// tally counts and adds up whole blocks of a base by a column whose values are few: what
// is most often asked of all rows. A group is found by the value itself, and one addition
// to one word counts a row and adds its value. Blocks that it does not take, and the
// delta, go the general way, into the same groups.
type tally struct {
	of      *grouping
	codes   *column.Packed  // of the column that groups; nil where there is one group
	width   int             // its values
	valid   []column.Bitmap // of the columns that have nulls; rows with one go the general way
	sums    []*sums         // those that want more than the count
	counts  []*tallyWords
	pending []int // the blocks since the last flush
}

// newTally returns a tally, or nil when the query, or a column of it, needs more than counts
// and sums of small integers.
func newTally(g *grouping) *tally {
	if len(g.by) > 1 || len(g.acc) == 0 {
		return nil
	}
	t := &tally{of: g, width: 1}
	base := g.v.Base
	if len(g.by) == 1 {
		c := &base.Cols[g.columns[0]]
		if g.by[0].direct == nil || g.by[0].float || c.Ints.Span >= maxTally {
			return nil
		}
		t.present(c)
		if t.width = int(c.Ints.Span) + 1; t.width > 1 {
			t.codes = &c.Ints
		}
	}
	for _, a := range g.acc {
		switch a := a.(type) {
		case *counts:
			if a.col >= 0 {
				t.present(&base.Cols[a.col])
			}
		case *sums:
			c := &base.Cols[a.col]
			if a.wide || c.Ints.Span > math.MaxUint32 || c.Ints.Low >= tallyLow || c.Ints.Low <= -tallyLow {
				return nil
			}
			t.present(c)
			t.sums = append(t.sums, a)
		default:
			return nil
		}
	}
	for range max(len(t.sums), 1) {
		t.counts = append(t.counts, new(tallyWords))
	}
	return t
}

func (t *tally) present(c *column.Column) {
	if c.Valid != nil {
		t.valid = append(t.valid, c.Valid)
	}
}

// take adds rows of a block of the base and leaves those in m that it does not take.
func (t *tally) take(block int, m *column.Mask) {
	if (block+1)<<column.BlockBits > t.of.v.Base.Rows {
		return
	}
	mine := *m
	for _, v := range t.valid {
		mine.AndWords(v.Block(block))
	}
	if mine.Count() <= column.BlockRows/2 {
		return
	}
	m.AndNotWords(mine[:])
	t.block(block, &mine)
}

// block adds the rows of a whole block that are in m: most of them.
func (t *tally) block(block int, m *column.Mask) {
	for i, words := range t.counts {
		var values *column.Packed
		if i < len(t.sums) {
			values = &t.of.v.Base.Cols[t.sums[i].col].Ints
		}
		t.add(words, block, values)
		if m.Count() < column.BlockRows {
			t.without(words, block, values, m)
		}
	}
	if t.pending = append(t.pending, block); len(t.pending) == tallyFlush {
		t.flush()
	}
}

func (t *tally) add(words *tallyWords, block int, values *column.Packed) {
	from, to := block<<column.BlockBits, (block+1)<<column.BlockBits
	switch {
	case t.codes == nil:
		addAll(words, values, block)
	case t.codes.W8 != nil:
		addCoded(words, t.codes.W8[from:to], values, block, t.width <= tallyTurns)
	default:
		addCoded(words, t.codes.W16[from:to], values, block, false)
	}
}

// without takes the rows of a block that are not in m out again.
func (t *tally) without(words *tallyWords, block int, values *column.Packed, m *column.Mask) {
	absent := *m
	absent.Invert()
	for i := range absent.Each {
		row, x := block<<column.BlockBits|i, uint64(tallyRows)
		if values != nil {
			x |= values.Delta(row)
		}
		words[t.code(row)] -= x // of whichever turn: their sum is what counts
	}
}

func (t *tally) code(row int) int {
	if t.codes == nil {
		return 0
	}
	return int(t.codes.Delta(row))
}

// flush gives what was counted to the groups.
func (t *tally) flush() {
	for code := range t.width {
		var group uint32
		for i, words := range t.counts {
			x := words[code]
			words[code] = 0
			if t.width <= tallyTurns {
				for turn := 1; turn < 4; turn++ {
					x += words[code+turn*tallyTurns]
					words[code+turn*tallyTurns] = 0
				}
			}
			n := int64(x / tallyRows)
			if n == 0 {
				continue
			}
			if group == 0 {
				group = t.group(code)
				t.of.n[group] += n
			}
			if i < len(t.sums) {
				s := t.sums[i]
				s.one(group, int64(x%tallyRows)+n*s.low(t.of.v))
			}
		}
	}
	t.pending = t.pending[:0]
}

// low is what every value of the base's column is written less than.
func (s *sums) low(v *mvcc.Version) int64 { return v.Base.Cols[s.col].Ints.Low }

// group returns the group of a value, which some pending block has.
func (t *tally) group(code int) uint32 {
	g := t.of
	if len(g.by) == 1 {
		if group := g.by[0].direct[code]; group != 0 {
			return group
		}
		g.by[0].direct[code] = g.by[0].fresh()
	} else if len(g.first) > nowhere+1 {
		return nowhere + 1
	}
	g.first = append(g.first, t.row(code))
	g.n = extend(g.n, len(g.first))
	for _, a := range g.acc {
		a.grow(len(g.first))
	}
	return uint32(len(g.first) - 1)
}

// row returns a row of the pending blocks that has a value. A null is stored as some
// value, too.
func (t *tally) row(code int) mvcc.Ref {
	var valid column.Bitmap
	if len(t.of.by) == 1 {
		valid = t.of.v.Base.Cols[t.of.columns[0]].Valid
	}
	for _, block := range t.pending {
		for i := range column.BlockRows {
			row := block<<column.BlockBits | i
			if t.code(row) == code && (valid == nil || valid.Get(row)) {
				return mvcc.RefOf(block, i, false)
			}
		}
	}
	return mvcc.NoRef
}
