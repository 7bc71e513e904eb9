package paging

import (
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/stop"
)

// top is a heap of the first entries, the last of them at its root.
type top struct {
	order *mvcc.Ordering
	limit int
	heap  []mvcc.Entry
	over  stop.Signal
}

func (t *top) worst() *mvcc.Entry {
	if len(t.heap) < t.limit || t.limit == 0 {
		return nil
	}
	return &t.heap[0]
}

func (t *top) add(e mvcc.Entry) {
	switch {
	case t.limit == 0:
	case len(t.heap) < t.limit:
		t.heap = append(t.heap, e)
		t.up(len(t.heap) - 1)
	case t.order.Compare(&e, &t.heap[0]) < 0:
		t.heap[0] = e
		t.down(0)
	}
}

func (t *top) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if t.order.Compare(&t.heap[i], &t.heap[parent]) <= 0 {
			return
		}
		t.heap[i], t.heap[parent] = t.heap[parent], t.heap[i]
		i = parent
	}
}

func (t *top) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(t.heap) {
			return
		}
		if child+1 < len(t.heap) && t.order.Compare(&t.heap[child+1], &t.heap[child]) > 0 {
			child++
		}
		if t.order.Compare(&t.heap[child], &t.heap[i]) <= 0 {
			return
		}
		t.heap[i], t.heap[child] = t.heap[child], t.heap[i]
		i = child
	}
}

func (t *top) merge(o collector) {
	for _, e := range o.(*top).heap {
		t.add(e)
	}
}

func (t *top) sorted() []mvcc.Entry { return sortEntries(t.order, t.heap, t.over) }
