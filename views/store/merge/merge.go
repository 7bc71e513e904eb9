package merge

import (
	"slices"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// Merge makes a new base of a version's base and the entries of its delta before a cut.
type Merge struct {
	v       *mvcc.Version
	cut     []int64
	added   []mvcc.Entry // the newest entry before the cut of each key that has a row, unsorted at first
	removed []uint32     // rows of the base whose keys have entries before the cut, ascending
	// superseded are the entries behind which their keys have others before the cut.
	superseded column.Bitmap
	order      *mvcc.Ordering
}

// New finds what a cut adds to the base and takes from it.
func New(v *mvcc.Version, cut []int64) *Merge {
	m := &Merge{v: v, cut: cut, order: mvcc.NewOrdering(v, nil)}
	for _, c := range v.Layout.Sort[:v.Layout.SortOnly] {
		m.order.Terms = append(m.order.Terms, query.Order{Column: c})
	}
	// From the newest entry to the oldest: the first one of a key before the cut that is met
	// is its state there. Older ones are before the cut, too, but for those of another
	// partition in which the key has lived.
	superseded := column.NewBitmap(v.Count)
	m.superseded = superseded
	var busy column.Yield
	for entry := v.Count - 1; entry >= 0; entry-- {
		busy.Worked(1)
		if !v.Before(entry, cut) && !superseded.Get(entry) {
			continue
		}
		ch, i := mvcc.At(v.Chunks, entry)
		switch p := mvcc.Ref(ch.Prev[i]); {
		case p == mvcc.NoRef:
		case p.InDelta():
			superseded.Set(p.Row())
		default:
			m.removed = append(m.removed, uint32(p))
		}
		if !superseded.Get(entry) && !ch.Gone[i] {
			m.added = append(m.added, m.order.Entry(mvcc.DeltaRef|mvcc.Ref(entry)))
		}
	}
	slices.Sort(m.removed)
	return m
}

// took reports whether an entry of v, which is the merge's version or a later one, is in
// the new base, or superseded by one that is. One that came later is not, also where it has
// no offset.
func (m *Merge) took(v *mvcc.Version, entry int) bool {
	return entry < m.v.Count && (v.Before(entry, m.cut) || m.superseded.Get(entry))
}

// Rows returns how many the new base has.
func (m *Merge) Rows() int { return m.v.Base.Rows - len(m.removed) + len(m.added) }

// Changed says how many rows come, and how many rows of the old base go.
func (m *Merge) Changed() (added, removed int) { return len(m.added), len(m.removed) }

// Checksum returns the new base's: the old one's without the removed rows and with
// the added ones, each hashed anew from its columns.
func (m *Merge) Checksum() uint64 {
	var h mvcc.Hasher
	sum := m.v.Base.Checksum
	var busy column.Yield
	for _, row := range m.removed {
		busy.Worked(hashedRows)
		sum -= m.v.Base.RowHash(&h, int(row))
	}
	l := m.v.Layout
	for _, e := range m.added {
		busy.Worked(hashedRows)
		ch, i := mvcc.At(m.v.Chunks, e.Ref.Row())
		sum += h.Hash(l, func(c int) tables.Value { return ch.Cols[c].Value(l.Types[c], l.Forms[c], i) })
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
	from mvcc.Ref // with DeltaRef, a place in the list of added rows
	n    uint32
}

// runs returns where the rows of the new base come from.
func (m *Merge) runs() []run {
	var busy column.Yield
	slices.SortFunc(m.added, func(a, b mvcc.Entry) int {
		busy.Worked(comparedRows)
		return m.order.Compare(&a, &b)
	})
	var out []run
	next, removed := 0, m.removed
	copyTo := func(to int) { // the old rows from next to to that stay
		for next < to {
			end := to
			if len(removed) > 0 && int(removed[0]) < to {
				end, removed = int(removed[0]), removed[1:]
				if end > next {
					out = append(out, run{mvcc.Ref(next), uint32(end - next)})
				}
				next = end + 1
				continue
			}
			out = append(out, run{mvcc.Ref(next), uint32(end - next)})
			next = end
		}
	}
	for i := range m.added {
		busy.Worked(hashedRows)
		copyTo(m.place(&m.added[i], next))
		if k := len(out) - 1; k >= 0 && out[k].from == (mvcc.DeltaRef|mvcc.Ref(i))-mvcc.Ref(out[k].n) {
			out[k].n++
			continue
		}
		out = append(out, run{mvcc.DeltaRef | mvcc.Ref(i), 1})
	}
	copyTo(m.v.Base.Rows)
	return out
}

// place returns the first row of the old base from from on that comes after e. It
// looks further and further ahead, so that it costs little where e is near.
func (m *Merge) place(e *mvcc.Entry, from int) int {
	after := func(row int) bool {
		x := m.order.Entry(mvcc.Ref(row))
		return m.order.Compare(&x, e) > 0
	}
	rows, step := m.v.Base.Rows, 1
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
