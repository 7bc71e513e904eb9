package paging

import (
	"slices"

	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/stop"
)

// runLength is how many entries are sorted at a time: they stay in the second cache.
const runLength = 1 << 14

// runs keeps all entries in sorted runs of one length. Memory is taken for each entry once:
// nothing is copied when there are more, and nothing to sort or to merge them. Each goroutine
// of a scan sorts its own.
type runs struct {
	order *mvcc.Ordering
	over  stop.Signal
	full  [][]mvcc.Entry
	last  []mvcc.Entry
}

func (r *runs) add(e mvcc.Entry) {
	if r.last = append(r.last, e); len(r.last) == runLength {
		r.seal()
	}
}

// seal sorts the last run and begins another.
func (r *runs) seal() {
	if len(r.last) > 0 {
		r.full = append(r.full, sortEntries(r.order, r.last, r.over))
		r.last = make([]mvcc.Entry, 0, min(len(r.last), runLength))
	}
}

func (r *runs) worst() *mvcc.Entry { return nil }

func (r *runs) merge(c collector) {
	o := c.(*runs)
	o.seal()
	r.full = append(r.full, o.full...)
	o.full = nil
}

// merged returns the entries in order, of which so many are passed over and so many kept;
// -1 keeps all.
func (r *runs) merged(skip, limit int) []mvcc.Entry {
	m := r.begin()
	for range min(skip, m.len()) {
		m.next()
	}
	left := m.len()
	if limit >= 0 {
		left = min(left, limit)
	}
	out := make([]mvcc.Entry, 0, left)
	for range left {
		e, ok := m.next()
		if !ok {
			break
		}
		out = append(out, e)
	}
	return out
}

func (r *runs) sorted() []mvcc.Entry { return r.merged(0, -1) }

// begin returns the entries to be taken one by one; then the runs have no more.
func (r *runs) begin() *merging {
	r.seal()
	m := &merging{order: r.order, over: r.over, heads: r.full}
	r.full, r.last = nil, nil
	for i := len(m.heads)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	return m
}

// merging is a heap of runs, the one with the first entry at its root.
type merging struct {
	order *mvcc.Ordering
	over  stop.Signal
	heads [][]mvcc.Entry
	taken int
}

func (m *merging) len() (n int) {
	for _, h := range m.heads {
		n += len(h)
	}
	return n
}

// next returns the first entry of all that are left, if there is one and the query is not over.
func (m *merging) next() (mvcc.Entry, bool) {
	if m.taken++; len(m.heads) == 0 || m.taken%stop.Step == 0 && m.over.Asked() {
		return mvcc.Entry{}, false
	}
	e := m.heads[0][0]
	if m.heads[0] = m.heads[0][1:]; len(m.heads[0]) == 0 {
		last := len(m.heads) - 1
		m.heads[0], m.heads[last] = m.heads[last], nil
		m.heads = m.heads[:last]
	}
	m.down(0)
	return e, true
}

func (m *merging) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(m.heads) {
			return
		}
		if child+1 < len(m.heads) && m.order.Compare(&m.heads[child+1][0], &m.heads[child][0]) < 0 {
			child++
		}
		if m.order.Compare(&m.heads[i][0], &m.heads[child][0]) <= 0 {
			return
		}
		m.heads[i], m.heads[child] = m.heads[child], m.heads[i]
		i = child
	}
}

// sortEntries sorts entries where they are, until the query is over.
func sortEntries(o *mvcc.Ordering, all []mvcc.Entry, over stop.Signal) []mvcc.Entry {
	slices.SortFunc(all, stop.Until(over, func(a, b mvcc.Entry) int { return o.Compare(&a, &b) }))
	return all
}
