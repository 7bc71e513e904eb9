package changes

import (
	"slices"
	"sync"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// index finds the readers that a change concerns. Filters by which a column has one of
// some values are found by the values of the rows; the others are tried one by one.
// Readers with equal filters are one class.
type index struct {
	mu      sync.Mutex
	classes map[string]*class // by the filters' ids
	byValue []column
	others  []*class
	round   uint64
}

// column is the classes that want certain values of a column.
type column struct {
	at      int // in the rows
	classes map[tables.Value][]*class
}

// class is the readers that have one filter.
type class struct {
	filter  *query.Matcher
	readers []*Reader
	found   uint64 // the round in which it was found
}

// begin begins a round, in which each class is found once.
func (x *index) begin() { x.round++ }

// find appends the readers that a group concerns, and that this round has not found before.
func (x *index) find(g *Group, number uint64, found []concern) []concern {
	for i := range g.Changes {
		c := &g.Changes[i]
		for _, col := range x.byValue {
			if c.Old != nil {
				found = x.try(col.classes[c.Old[col.at]], c, number, found)
			}
			if c.New != nil && (c.Old == nil || c.New[col.at] != c.Old[col.at]) {
				found = x.try(col.classes[c.New[col.at]], c, number, found)
			}
		}
		found = x.try(x.others, c, number, found)
	}
	return found
}

func (x *index) try(classes []*class, c *Change, number uint64, found []concern) []concern {
	for _, k := range classes {
		if k.found == x.round || !concerns(k.filter, c) {
			continue
		}
		k.found = x.round
		for _, r := range k.readers {
			found = append(found, concern{r, number})
		}
	}
	return found
}

func concerns(filter *query.Matcher, c *Change) bool {
	return c.Old != nil && filter.Match(c.Old) || c.New != nil && filter.Match(c.New)
}

// add adds a reader.
func (x *index) add(r *Reader) {
	x.mu.Lock()
	defer x.mu.Unlock()
	k := x.classes[r.filter.ID()]
	if k == nil {
		k = &class{filter: r.filter}
		if x.classes == nil {
			x.classes = map[string]*class{}
		}
		x.classes[r.filter.ID()] = k
		x.place(k)
	}
	r.filter = k.filter // one for all of them
	k.readers = append(k.readers, r)
}

// place puts a class where it is found.
func (x *index) place(k *class) {
	at, values := k.filter.Narrow()
	if at < 0 || len(values) == 0 {
		x.others = append(x.others, k)
		return
	}
	i := slices.IndexFunc(x.byValue, func(c column) bool { return c.at == at })
	if i < 0 {
		i = len(x.byValue)
		x.byValue = append(x.byValue, column{at, map[tables.Value][]*class{}})
	}
	for _, v := range values {
		if list := x.byValue[i].classes[v]; len(list) == 0 || list[len(list)-1] != k { // a value may be twice
			x.byValue[i].classes[v] = append(list, k)
		}
	}
}

// remove takes a reader out.
func (x *index) remove(r *Reader) {
	x.mu.Lock()
	defer x.mu.Unlock()
	k := x.classes[r.filter.ID()]
	k.readers = without(k.readers, r)
	if len(k.readers) > 0 {
		return
	}
	delete(x.classes, r.filter.ID())
	at, values := k.filter.Narrow()
	if at < 0 || len(values) == 0 {
		x.others = without(x.others, k)
		return
	}
	i := slices.IndexFunc(x.byValue, func(c column) bool { return c.at == at })
	classes := x.byValue[i].classes
	for _, v := range values {
		if classes[v] = without(classes[v], k); len(classes[v]) == 0 {
			delete(classes, v)
		}
	}
	if len(classes) == 0 {
		x.byValue = slices.Delete(x.byValue, i, i+1)
	}
}

// without takes an element out of a list that has no order.
func without[T comparable](list []T, e T) []T {
	i := slices.Index(list, e)
	if i < 0 {
		return list
	}
	var none T
	last := len(list) - 1
	list[i], list[last] = list[last], none
	return list[:last]
}
