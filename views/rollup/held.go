package rollup

import (
	"cmp"
	"slices"

	"github.com/tidwall/btree"

	"github.com/tidemark/tidemark/tables"
)

// held is the values of a column that are not null, with how often each is there.
type held interface {
	add(v tables.Value)
	remove(v tables.Value) // one that was added
	distinct() int
	// least and most return null when there is no value.
	least() tables.Value
	most() tables.Value
}

// holding returns what makes the held values of one group after the other, of a type.
func holding(t tables.Type) func() held {
	if narrow(t) {
		return func() held { return newCounted[int64](numbers(t.Kind)) }
	}
	shared := &keys{types: []tables.Type{t}}
	return func() held { return newCounted[tables.Key](shared) }
}

const (
	// degree of the trees of values: most groups have few.
	degree = 16
	// Of at least so many values that come together, and that are no small part of those
	// there, a new tree is made; the tree takes others one by one.
	manyValues, timesAsMany = 32, 8
	// waiting is how many values may wait for a smaller tree.
	waiting = 1 << 16
)

// counted is values by forms that order as they do.
//
// What is added waits until somebody asks: a table's rows come to a rollup in no order
// of their values, and to sort millions once and to make a tree of them takes a third
// of what it takes to look for the place of each.
type counted[F cmp.Ordered] struct {
	forms forms[F]
	tree  *btree.Map[F, int64]
	waits []F // added, not in the tree yet
}

func newCounted[F cmp.Ordered](of forms[F]) *counted[F] {
	return &counted[F]{forms: of, tree: btree.NewMap[F, int64](degree)}
}

func (c *counted[F]) add(v tables.Value) {
	c.waits = append(c.waits, c.forms.of(v))
	if len(c.waits) >= max(waiting, c.tree.Len()) {
		c.settle()
	}
}

func (c *counted[F]) remove(v tables.Value) {
	c.settle()
	c.count(c.forms.of(v), -1)
}

func (c *counted[F]) count(f F, n int64) {
	if was, _ := c.tree.Get(f); was+n != 0 {
		c.tree.Set(f, was+n)
	} else {
		c.tree.Delete(f)
	}
}

// settle puts what waits into the tree.
func (c *counted[F]) settle() {
	if len(c.waits) < manyValues || len(c.waits)*timesAsMany < c.tree.Len() {
		for _, f := range c.waits {
			c.count(f, 1)
		}
		c.waits = c.waits[:0]
		return
	}
	slices.Sort(c.waits)
	c.tree, c.waits = merged(c.tree, c.waits), nil
}

// merged returns a tree with more forms, which are sorted.
func merged[F cmp.Ordered](tree *btree.Map[F, int64], more []F) *btree.Map[F, int64] {
	out := btree.NewMap[F, int64](degree)
	next := 0
	// equal passes over those that are f, and counts them.
	equal := func(f F) (n int64) {
		for ; next < len(more) && more[next] == f; next++ {
			n++
		}
		return n
	}
	for it := tree.Iter(); it.Next(); {
		for next < len(more) && more[next] < it.Key() {
			f := more[next]
			out.Load(f, equal(f))
		}
		out.Load(it.Key(), it.Value()+equal(it.Key()))
	}
	for next < len(more) {
		f := more[next]
		out.Load(f, equal(f))
	}
	return out
}

func (c *counted[F]) distinct() int {
	c.settle()
	return c.tree.Len()
}

func (c *counted[F]) least() tables.Value {
	c.settle()
	f, _, there := c.tree.Min()
	return c.value(f, there)
}

func (c *counted[F]) most() tables.Value {
	c.settle()
	f, _, there := c.tree.Max()
	return c.value(f, there)
}

func (c *counted[F]) value(f F, there bool) tables.Value {
	if !there {
		return tables.Value{}
	}
	return c.forms.value(f)
}
