package scan

import (
	"slices"

	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/filter"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/stop"
)

// indexRanges returns the keys of the values that a leaf admits, ascending, when they are
// a few ranges.
func indexRanges(x *column.ValueIndex, l filter.Leaf) ([]column.KeyRange, bool) {
	if l.Not || l.Nulls {
		return nil, false
	}
	var out []column.KeyRange
	switch t := l.Test.(type) {
	case filter.IntRange:
		return x.Within(t.Low, t.High), true
	case filter.IntSet:
		for _, v := range t.Values {
			out = append(out, x.Within(v, v)...)
		}
		return out, true
	case filter.WideTest:
		if t.Equal == nil {
			return nil, false
		}
		for _, w := range t.Equal {
			out = append(out, column.KeyRange{Low: column.WideKey(w), High: column.WideKey(w)})
		}
	case filter.TextTest:
		switch d := x.Column.Dict; {
		case d != nil && t.Order != nil:
			codes := filter.DictionaryRange(d, *t.Order)
			return x.Within(codes.Low, codes.High), true
		case t.Equal == nil:
			return nil, false
		case d != nil:
			for _, s := range t.Equal {
				if code, ok := d.Find(s); ok {
					out = append(out, column.KeyRange{Low: uint64(code), High: uint64(code)})
				}
			}
		default:
			for _, s := range t.Equal {
				out = append(out, column.KeyRange{Low: column.TextKey(s), High: column.TextKey(s)})
			}
		}
	default:
		return nil, false
	}
	slices.SortFunc(out, func(a, b column.KeyRange) int { return column.CompareInts(int64(a.Low), int64(b.Low)) })
	return slices.Compact(out), true // two texts can have one hash
}

// indexSpans returns where the rows of keys are in the index, and how many they are.
func indexSpans(x *column.ValueIndex, keys []column.KeyRange) (spans []Span, rows int) {
	for _, k := range keys {
		if from, to := x.Find(k); from < to {
			spans, rows = append(spans, Span{from, to}), rows+to-from
		}
	}
	return spans, rows
}

// maxIndexRanges bounds the searches of one plan in an index.
const maxIndexRanges = 5_000

// byIndex looks for an index that leads to far fewer rows than the sort key does,
// and returns them, ascending when there are several in a block.
func byIndex(b *mvcc.Base, leaves map[int][]filter.Leaf, otherwise int, over stop.Signal) (rows []uint32, col int, ok bool) {
	const worth = 8 // a row by index costs so many by scan
	best := otherwise / worth
	var found *column.ValueIndex
	var where []Span
	for c, x := range b.Indexes {
		for _, l := range leaves[c] {
			if over.Asked() {
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
		for at := s.From; at < s.To; at++ {
			rows = append(rows, uint32(found.Row(at)))
		}
	}
	if len(rows) >= column.BlocksFor(b.Rows) { // fewer are read one by one
		slices.Sort(rows)
	}
	return rows, col, true
}
