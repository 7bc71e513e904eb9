package store

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// merge makes a new base of a version's base and the entries of its delta before a cut.
type merge struct {
	v       *version
	cut     []int64
	added   []entry  // the newest entry before the cut of each key that has a row, unsorted at first
	removed []uint32 // rows of the base whose keys have entries before the cut, ascending
	// superseded are the entries behind which their keys have others before the cut.
	superseded column.Bitmap
	order      *ordering
}

// newMerge finds what a cut adds to the base and takes from it.
func newMerge(v *version, cut []int64) *merge {
	m := &merge{v: v, cut: cut, order: &ordering{v: v}}
	for _, c := range v.layout.sort[:v.layout.sortOnly] {
		m.order.terms = append(m.order.terms, query.Order{Column: c})
	}
	// From the newest entry to the oldest: the first one of a key before the cut that is met
	// is its state there. Older ones are before the cut, too, but for those of another
	// partition in which the key has lived.
	superseded := column.NewBitmap(v.count)
	m.superseded = superseded
	var busy column.Yield
	for entry := v.count - 1; entry >= 0; entry-- {
		busy.Worked(1)
		if !v.before(entry, cut) && !superseded.Get(entry) {
			continue
		}
		ch, i := at(v.chunks, entry)
		switch p := ref(ch.prev[i]); {
		case p == noRef:
		case p.inDelta():
			superseded.Set(p.row())
		default:
			m.removed = append(m.removed, uint32(p))
		}
		if !superseded.Get(entry) && !ch.gone[i] {
			m.added = append(m.added, m.order.entry(deltaRef|ref(entry)))
		}
	}
	slices.Sort(m.removed)
	return m
}

// took reports whether an entry of v, which is the merge's version or a later one, is in
// the new base, or superseded by one that is. One that came later is not, also where it has
// no offset.
func (m *merge) took(v *version, entry int) bool {
	return entry < m.v.count && (v.before(entry, m.cut) || m.superseded.Get(entry))
}

func (m *merge) rows() int { return m.v.base.rows - len(m.removed) + len(m.added) }

// checksum returns the new base's: the old one's without the removed rows and with
// the added ones, each hashed anew from its columns.
func (m *merge) checksum() uint64 {
	var h hasher
	sum := m.v.base.checksum
	var busy column.Yield
	for _, row := range m.removed {
		busy.Worked(hashedRows)
		sum -= m.v.base.rowHash(&h, int(row))
	}
	l := m.v.layout
	for _, e := range m.added {
		busy.Worked(hashedRows)
		ch, i := at(m.v.chunks, e.ref.row())
		sum += h.hash(l, func(c int) tables.Value { return ch.cols[c].Value(l.types[c], l.forms[c], i) })
	}
	return sum
}

// How many copied rows one counts for that is hashed or looked for, and one that is compared.
const (
	hashedRows   = 100
	comparedRows = 10
)

// run is n rows of the new base that come, in order, from the old base, or from the
// list of added rows.
type run struct {
	from ref // with deltaRef, a place in the list of added rows
	n    uint32
}

// runs returns where the rows of the new base come from.
func (m *merge) runs() []run {
	var busy column.Yield
	slices.SortFunc(m.added, func(a, b entry) int {
		busy.Worked(comparedRows)
		return m.order.compare(&a, &b)
	})
	var out []run
	next, removed := 0, m.removed
	copyTo := func(to int) { // the old rows from next to to that stay
		for next < to {
			end := to
			if len(removed) > 0 && int(removed[0]) < to {
				end, removed = int(removed[0]), removed[1:]
				if end > next {
					out = append(out, run{ref(next), uint32(end - next)})
				}
				next = end + 1
				continue
			}
			out = append(out, run{ref(next), uint32(end - next)})
			next = end
		}
	}
	for i := range m.added {
		busy.Worked(hashedRows)
		copyTo(m.place(&m.added[i], next))
		if k := len(out) - 1; k >= 0 && out[k].from == (deltaRef|ref(i))-ref(out[k].n) {
			out[k].n++
			continue
		}
		out = append(out, run{deltaRef | ref(i), 1})
	}
	copyTo(m.v.base.rows)
	return out
}

// place returns the first row of the old base from from on that comes after e. It
// looks further and further ahead, so that it costs little where e is near.
func (m *merge) place(e *entry, from int) int {
	after := func(row int) bool {
		x := m.order.entry(ref(row))
		return m.order.compare(&x, e) > 0
	}
	rows, step := m.v.base.rows, 1
	low := from
	for low < rows && !after(low) {
		from = low + 1
		low += step
		step *= 2
	}
	low = min(low, rows)
	for from < low {
		mid := int(uint(from+low) >> 1)
		if after(mid) {
			low = mid
		} else {
			from = mid + 1
		}
	}
	return from
}

// build makes the new base, whose checksum is known, on so many cores.
func (m *merge) build(ctx context.Context, checksum uint64, cores int) (*base, error) {
	b := &base{layout: m.v.layout, rows: m.rows(), checksum: checksum, cols: make([]column.Column, len(m.v.layout.types))}
	b.changelog = slices.Clone(m.v.base.changelog)
	for p, o := range m.cut {
		b.changelog = tables.Position(b.changelog).Set(int32(p), max(o, tables.Position(b.changelog).At(int32(p))))
	}
	runs := m.runs()
	first, rest := m.stages()
	if err := m.columns(ctx, b, runs, first, cores); err != nil {
		return nil, err
	}
	b.buildIndex(cores)
	b.buildIndexes(cores)
	if err := m.columns(ctx, b, runs, rest, cores); err != nil {
		return nil, err
	}
	return b, nil
}

// stages splits the columns: those that indexes are made of come first, because making them
// takes room for a moment, while the new base is small.
func (m *merge) stages() (first, rest []int) {
	l := m.v.layout
	for c := range l.types {
		if l.table.Columns[c].Index || slices.Contains(l.key, c) {
			first = append(first, c)
		} else {
			rest = append(rest, c)
		}
	}
	return first, rest
}

// columns makes some columns of the new base.
func (m *merge) columns(ctx context.Context, b *base, runs []run, cols []int, cores int) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(cores, len(cols)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(cols) {
					return
				}
				b.cols[cols[i]] = m.column(cols[i], runs, b.rows)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}
