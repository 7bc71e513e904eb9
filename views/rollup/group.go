package rollup

import (
	"math/big"
	"strings"

	"github.com/tidwall/btree"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// group is what is kept of the rows of one group.
type group struct {
	by   []tables.Value // the values that they share, as the first row had them
	rows int64
	sums []sum
	held []values
}

// sum is of the values of a column that are not null.
type sum struct {
	n     int64
	total big.Int
}

// values are those of a column that are not null, by their canonical form, with how
// often each is there. The form orders as the values do.
type values struct{ tree *btree.Map[tables.Key, int64] }

func newGroup(r *Rollup, row []tables.Value) *group {
	g := &group{sums: make([]sum, len(r.summed)), held: make([]values, len(r.held))}
	for _, c := range r.groupBy {
		g.by = append(g.by, known(row[c]))
	}
	for i := range g.held {
		g.held[i].tree = btree.NewMap[tables.Key, int64](16)
	}
	return g
}

// count adds a row n times, or takes it out.
func (g *group) count(r *Rollup, row []tables.Value, n int64) {
	g.rows += n
	for i, c := range r.summed {
		if v := row[c]; !v.IsNull() {
			g.sums[i].n += n
			g.sums[i].add(v, n)
		}
	}
	for i, c := range r.held {
		if v := row[c]; !v.IsNull() {
			g.held[i].count(tables.EncodeKey(v), n)
		}
	}
}

func (s *sum) add(v tables.Value, n int64) {
	var x big.Int
	switch v.Kind() {
	case tables.Int64:
		x.SetInt64(v.Int())
	case tables.DecimalKind:
		x.Set(v.Decimal().Big())
	default:
		return // only its number is asked for
	}
	if n < 0 {
		s.total.Sub(&s.total, &x)
		return
	}
	s.total.Add(&s.total, &x)
}

func (v *values) count(form tables.Key, n int64) {
	was, _ := v.tree.Get(form)
	if was+n == 0 {
		v.tree.Delete(form)
		return
	}
	v.tree.Set(tables.Key(strings.Clone(string(form))), was+n)
}

// row returns the group's row of the rollup.
func (g *group) row(r *Rollup) []tables.Value {
	out := make([]tables.Value, 0, len(g.by)+len(r.measures))
	out = append(out, g.by...)
	for i := range r.measures {
		out = append(out, g.value(&r.measures[i]))
	}
	return out
}

func (g *group) value(m *measure) tables.Value {
	switch m.aggregate {
	case query.Count:
		if m.slot < 0 {
			return tables.Int64Value(g.rows)
		}
		return tables.Int64Value(g.sums[m.slot].n)
	case query.Sum, query.Avg:
		return g.sums[m.slot].value(m)
	case query.CountDistinct:
		return tables.Int64Value(int64(g.held[m.slot].tree.Len()))
	}
	tree := g.held[m.slot].tree
	form, _, any := tree.Min()
	if m.aggregate == query.Max {
		form, _, any = tree.Max()
	}
	if !any {
		return tables.Value{}
	}
	decoded, err := tables.DecodeKey(form, []tables.Type{m.in})
	if err != nil {
		return tables.Value{} // it was encoded here, of this type
	}
	return decoded[0]
}

// value returns the sum or the average; null over no values, and where the result has
// more digits than its type, for which a query has an error.
func (s *sum) value(m *measure) tables.Value {
	if s.n == 0 {
		return tables.Value{}
	}
	total := &s.total
	if m.aggregate == query.Avg {
		scale := uint8(0)
		if m.in.Kind == tables.DecimalKind {
			scale = m.in.Scale
		}
		total = query.Quotient(total, s.n, int(m.out.Scale)-int(scale))
	}
	d, ok := tables.DecimalFromBig(total)
	if !ok || !d.Fits(m.out.Precision) {
		return tables.Value{}
	}
	return tables.DecimalValue(d)
}
