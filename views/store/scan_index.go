package store

import (
	"slices"

	"github.com/tidemark/tidemark/views/store/column"
)

// indexRanges returns the keys of the values that a leaf admits, ascending, when they are
// a few ranges.
func indexRanges(x *column.ValueIndex, l leaf) ([]column.KeyRange, bool) {
	if l.not || l.nulls {
		return nil, false
	}
	var out []column.KeyRange
	switch t := l.test.(type) {
	case intRange:
		return x.Within(t.low, t.high), true
	case intSet:
		for _, v := range t.values {
			out = append(out, x.Within(v, v)...)
		}
		return out, true
	case wideTest:
		if t.equal == nil {
			return nil, false
		}
		for _, w := range t.equal {
			out = append(out, column.KeyRange{Low: column.WideKey(w), High: column.WideKey(w)})
		}
	case textTest:
		switch d := x.Column.Dict; {
		case d != nil && t.order != nil:
			codes := dictionaryRange(d, *t.order)
			return x.Within(codes.low, codes.high), true
		case t.equal == nil:
			return nil, false
		case d != nil:
			for _, s := range t.equal {
				if code, ok := d.Find(s); ok {
					out = append(out, column.KeyRange{Low: uint64(code), High: uint64(code)})
				}
			}
		default:
			for _, s := range t.equal {
				out = append(out, column.KeyRange{Low: column.TextKey(s), High: column.TextKey(s)})
			}
		}
	default:
		return nil, false
	}
	slices.SortFunc(out, func(a, b column.KeyRange) int { return column.CompareInts(int64(a.Low), int64(b.Low)) })
	return slices.Compact(out), true // two texts can have one hash
}

// indexSpans returns where the rows of keys stand in the index, and how many they are.
func indexSpans(x *column.ValueIndex, keys []column.KeyRange) (spans []span, rows int) {
	for _, k := range keys {
		if from, to := x.Find(k); from < to {
			spans, rows = append(spans, span{from, to}), rows+to-from
		}
	}
	return spans, rows
}

// maxIndexRanges bounds the searches of one plan in an index.
const maxIndexRanges = 5_000

// byIndex looks for an index that leads to far fewer rows than the sort key does,
// and returns them, ascending when there are several in a block.
func (b *base) byIndex(leaves map[int][]leaf, otherwise int, over stop) (rows []uint32, col int, ok bool) {
	const worth = 8 // a row by index costs so many by scan
	best := otherwise / worth
	var found *column.ValueIndex
	var where []span
	for c, x := range b.indexes {
		for _, l := range leaves[c] {
			if over.asked() {
				break
			}
			keys, ok := indexRanges(x, l)
			if !ok || len(keys) > maxIndexRanges {
				continue
			}
			if spans, n := indexSpans(x, keys); n < best {
				best, found, where, col = n, x, spans, c
			}
		}
	}
	if found == nil {
		return nil, 0, false
	}
	rows = make([]uint32, 0, best)
	for _, s := range where {
		for at := s.from; at < s.to; at++ {
			rows = append(rows, uint32(found.Row(at)))
		}
	}
	if len(rows) >= column.BlocksFor(b.rows) { // fewer are read one by one
		slices.Sort(rows)
	}
	return rows, col, true
}

// buildIndexes indexes the columns that are declared so.
func (b *base) buildIndexes(cores int) {
	b.indexes = map[int]*column.ValueIndex{}
	var cols []int
	for i, c := range b.layout.table.Columns {
		if c.Index {
			cols = append(cols, i)
		}
	}
	made := make([]*column.ValueIndex, len(cols))
	inParallel(cores, len(cols), 1, func(from, _ int) { made[from] = column.NewValueIndex(&b.cols[cols[from]], b.rows) })
	for i, c := range cols {
		b.indexes[c] = made[i]
	}
}
