package aggregate

import (
	"context"
	"fmt"
	"slices"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/scan"
	"github.com/tidemark/tidemark/views/store/stop"
)

// Groups are the rows of an aggregate query's answer.
type Groups struct {
	scan.Stats
	More bool // there are groups behind the last one

	query   *query.Query
	outputs []query.Output
	terms   []query.Order // over outputs
	plain   []int         // the outputs that are plain columns
	places  []int         // per output, which of the accumulators it is
	values  []tables.Value
}

func newGroupRows(q *query.Query, outputs []query.Output) (*Groups, error) {
	if q.LimitBy != nil {
		return nil, fmt.Errorf("limit_by cannot be used with aggregates")
	}
	r := &Groups{query: q, outputs: outputs, terms: q.Order}
	_, r.places = distinctAggregates(outputs)
	for i, o := range outputs {
		if o.Aggregate == query.AggregateNone {
			r.plain = append(r.plain, i)
			if len(q.Order) == 0 {
				r.terms = append(r.terms, query.Order{Column: i})
			}
		}
	}
	for _, t := range r.terms {
		if t.Column < 0 || t.Column >= len(outputs) {
			return nil, fmt.Errorf("order: output %d is not among the query's %d", t.Column, len(outputs))
		}
	}
	if b := q.After; b != nil {
		if len(b.Values) != len(r.terms) {
			return nil, fmt.Errorf("bookmark has %d values, the order %d", len(b.Values), len(r.terms))
		}
		for i, t := range r.terms {
			if k := b.Values[i].Kind(); !b.Values[i].IsNull() && k != outputs[t.Column].Type.Kind {
				return nil, fmt.Errorf("bookmark: value %d is of type %s, its output %s", i+1, k, outputs[t.Column].Type)
			}
		}
	}
	return r, nil
}

// Len returns the number of groups.
func (r *Groups) Len() int {
	if len(r.outputs) == 0 {
		return 0
	}
	return len(r.values) / len(r.outputs)
}

// AppendValues appends all values of a group.
func (r *Groups) AppendValues(dst []tables.Value, row int) []tables.Value {
	return append(dst, r.values[row*len(r.outputs):(row+1)*len(r.outputs)]...)
}

// Value returns one value of a group.
func (r *Groups) Value(row, col int) tables.Value { return r.values[row*len(r.outputs)+col] }

// Key is the canonical form of the plain columns.
func (r *Groups) Key(row int) tables.Key {
	return keyOfPlain(r.plain, func(o int) tables.Value { return r.Value(row, o) })
}

func keyOfPlain(plain []int, value func(output int) tables.Value) tables.Key {
	var k []byte
	for _, o := range plain {
		k = tables.AppendKey(k, value(o))
	}
	return tables.Key(k)
}

// Bookmark returns the place of a group.
func (r *Groups) Bookmark(row int) *query.Bookmark {
	b := &query.Bookmark{Key: r.Key(row), Values: make([]tables.Value, len(r.terms))}
	for i, t := range r.terms {
		b.Values[i] = r.Value(row, t.Column)
	}
	return b
}

// groupEntry is a group with what it is ordered by.
type groupEntry struct {
	group  int
	values []tables.Value // one per term
}

func (r *Groups) compareValues(a, b []tables.Value) int {
	for i, t := range r.terms {
		if c := mvcc.CompareTerm(t, a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

// compareGroups orders two groups by their plain columns.
func compareGroups(g *grouping, a, b int) int {
	return g.v.CompareColumns(g.columns, g.first[a], g.first[b])
}

// fill takes the wanted groups in order, and reports whether there are more.
func (r *Groups) fill(ctx context.Context, g *grouping) (more bool, err error) {
	if len(r.plain) == 0 && len(g.first) == 1 {
		// Without groups there is one row, also of nothing.
		g.first, g.n = append(g.first, mvcc.NoRef), append(g.n, 0)
		for _, a := range g.acc {
			a.grow(len(g.first))
		}
	}
	entries, err := r.entries(ctx, g)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return false, err
	}
	entries = entries[min(r.query.Offset, len(entries)):]
	if n := r.query.Limit; n >= 0 && len(entries) > n {
		entries, more = entries[:n], true
	}
	for n, e := range entries {
		if n%stop.Step == stop.Step-1 && ctx.Err() != nil {
			return false, ctx.Err()
		}
		for o := range r.outputs {
			v, err := r.output(g, e.group, o)
			if err != nil {
				return false, err
			}
			r.values = append(r.values, v)
		}
	}
	return more, nil
}

// output returns one value of a group.
func (r *Groups) output(g *grouping, group, o int) (tables.Value, error) {
	if out := r.outputs[o]; out.Aggregate == query.AggregateNone {
		return g.v.Value(g.first[group], out.Column), nil
	}
	return g.acc[r.places[o]].value(group)
}

// entries returns the groups behind the bookmark, in order, as many as are wanted.
func (r *Groups) entries(ctx context.Context, g *grouping) ([]groupEntry, error) {
	wanted := r.query.Wanted()
	compare := stop.Until(stop.Of(ctx), func(a, b groupEntry) int {
		if c := r.compareValues(a.values, b.values); c != 0 {
			return c
		}
		return compareGroups(g, a.group, b.group)
	})
	var kept []groupEntry
	var worst []tables.Value // of the last one that can be wanted, once so many are known
	values := make([]tables.Value, len(r.terms))
	for group := nowhere + 1; group < len(g.first); group++ {
		if group%(1<<12) == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if len(r.plain) > 0 && g.n[group] == 0 {
			continue
		}
		for i, t := range r.terms {
			v, err := r.output(g, group, t.Column)
			if err != nil {
				return nil, err
			}
			values[i] = v
		}
		if worst != nil && r.compareValues(values, worst) > 0 || !r.behind(g, group, values) {
			continue
		}
		kept = append(kept, groupEntry{group, slices.Clone(values)})
		// Twice what is wanted is sorted and cut in half: linear in the groups, and
		// no more memory than the answer needs.
		if wanted >= 0 && len(kept) >= 2*wanted+64 {
			slices.SortFunc(kept, compare)
			kept = kept[:wanted]
			worst = kept[max(wanted-1, 0)].values
		}
	}
	slices.SortFunc(kept, compare)
	return kept, nil
}

// behind reports whether a group comes after the bookmark.
func (r *Groups) behind(g *grouping, group int, values []tables.Value) bool {
	b := r.query.After
	if b == nil {
		return true
	}
	if c := r.compareValues(values, b.Values); c != 0 {
		return c > 0
	}
	key := keyOfPlain(r.plain, func(o int) tables.Value { return g.v.Value(g.first[group], r.outputs[o].Column) })
	return g.first[group] != mvcc.NoRef && key > b.Key
}
