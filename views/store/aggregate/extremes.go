package aggregate

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// extremes keeps the row with the first value of each group, in the order of the
// values or against it.
type extremes struct {
	v     *mvcc.Version
	order mvcc.Ordering
	fast  bool // the int64 is all that there is to compare
	best  []mvcc.Entry
	seen  []bool
}

func (e *extremes) grow(groups int) { e.best, e.seen = extend(e.best, groups), extend(e.seen, groups) }

func (e *extremes) add(b *batchOfRows, groups []uint32) {
	t := e.order.Terms[0]
	nullable := b.nullable(t.Column)
	if e.fast {
		for i, x := range b.ints(t.Column) {
			if t.Descending {
				x = ^x
			}
			g := groups[i]
			if e.seen[g] && x >= e.best[g].First || nullable && b.isNull(t.Column, i) {
				continue
			}
			e.best[g], e.seen[g] = mvcc.Entry{First: x, Ref: b.ref(i)}, true
		}
		return
	}
	for i, g := range groups {
		if g != nowhere && (!nullable || !b.isNull(t.Column, i)) {
			e.offer(g, e.order.Entry(b.ref(i)))
		}
	}
}

func (e *extremes) offer(g uint32, x mvcc.Entry) {
	b := &e.best[g]
	if !e.seen[g] || x.First < b.First || x.First == b.First && !e.fast && e.order.CompareTerms(x.Ref, b.Ref, 0, 1) < 0 {
		*b, e.seen[g] = x, true
	}
}

func (e *extremes) merge(o accumulator, to []uint32) {
	x := o.(*extremes)
	for i, seen := range x.seen {
		if seen && to[i] != nowhere {
			e.offer(to[i], x.best[i])
		}
	}
}

func (e *extremes) value(group int) (tables.Value, error) {
	if !e.seen[group] {
		return tables.Value{}, nil
	}
	return e.v.Value(e.best[group].Ref, e.order.Terms[0].Column), nil
}
