package store

import "github.com/tidemark/tidemark/views/query"

// collector takes rows in any order and keeps the first ones of an ordering.
type collector interface {
	add(e entry)
	// worst returns the last entry kept when only earlier ones are still wanted.
	worst() *entry
	// merge adds what another collector of the same query has kept.
	merge(collector)
	// sorted returns what was kept, in order.
	sorted() []entry
}

func newCollector(o *ordering, limit int, by *query.LimitBy, over stop) collector {
	switch {
	case by != nil:
		return newGrouped(o, limit, by, over)
	case limit >= 0 && limit <= maxHeap:
		return &top{order: o, limit: limit, over: over}
	}
	return &runs{order: o, over: over}
}

// maxHeap is the longest answer that is kept in a heap; a longer one is sorted.
const maxHeap = 1 << 16

// top is a heap of the first entries, the last of them at its root.
type top struct {
	order *ordering
	limit int
	heap  []entry
	over  stop
}

func (t *top) worst() *entry {
	if len(t.heap) < t.limit || t.limit == 0 {
		return nil
	}
	return &t.heap[0]
}

func (t *top) add(e entry) {
	switch {
	case t.limit == 0:
	case len(t.heap) < t.limit:
		t.heap = append(t.heap, e)
		t.up(len(t.heap) - 1)
	case t.order.compare(&e, &t.heap[0]) < 0:
		t.heap[0] = e
		t.down(0)
	}
}

func (t *top) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if t.order.compare(&t.heap[i], &t.heap[parent]) <= 0 {
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
		if child+1 < len(t.heap) && t.order.compare(&t.heap[child+1], &t.heap[child]) > 0 {
			child++
		}
		if t.order.compare(&t.heap[child], &t.heap[i]) <= 0 {
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

func (t *top) sorted() []entry { return sortEntries(t.order, t.heap, t.over) }

// grouped keeps the first entries of each group.
type grouped struct {
	order  *ordering
	by     *query.LimitBy
	limit  int
	groups map[string]*top
	buf    []byte
	over   stop
}

func newGrouped(o *ordering, limit int, by *query.LimitBy, over stop) *grouped {
	return &grouped{order: o, by: by, limit: limit, groups: map[string]*top{}, over: over}
}

func (g *grouped) worst() *entry { return nil }

func (g *grouped) add(e entry) { g.group(e.ref).add(e) }

// group returns the group of a row.
func (g *grouped) group(r ref) *top {
	g.buf = g.buf[:0]
	for _, c := range g.by.Columns {
		g.buf = g.order.v.appendGroup(g.buf, r, c)
	}
	group := g.groups[string(g.buf)]
	if group == nil {
		group = &top{order: g.order, limit: g.by.N}
		g.groups[string(g.buf)] = group
	}
	return group
}

func (g *grouped) merge(o collector) {
	n := 0
	for k, t := range o.(*grouped).groups {
		if n++; n%stopStep == 0 && g.over.asked() {
			return
		}
		if g.groups[k] == nil {
			g.groups[k] = t
			continue
		}
		g.groups[k].merge(t)
	}
}

func (g *grouped) sorted() []entry {
	var all []entry
	for _, t := range g.groups {
		all = append(all, t.heap...)
	}
	all = sortEntries(g.order, all, g.over)
	if g.limit >= 0 && len(all) > g.limit {
		all = all[:g.limit]
	}
	return all
}
