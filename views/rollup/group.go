package rollup

import (
	"math/big"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// group is what is kept of the rows of one group.
type group struct {
	key     tables.Key
	by      []tables.Value // the values that they share, as the first row had them
	rows    int64
	sums    []sum
	held    []held
	touched bool // since Changed was called
}

func newGroup(r *Rollup, key tables.Key, by []tables.Value) *group {
	g := &group{key: key, by: make([]tables.Value, len(by)), sums: make([]sum, len(r.summed)), held: make([]held, len(r.held))}
	for i, v := range by {
		g.by[i] = v.Clone() // the group lives longer than the block of rows that the text lies in
	}
	for i := range r.held {
		g.held[i] = r.held[i].none()
	}
	return g
}

// count adds a row with 1, and takes it out with -1.
func (g *group) count(r *Rollup, row []tables.Value, n int64) {
	g.rows += n
	for i, c := range r.summed {
		if v := row[c]; !v.IsNull() {
			g.sums[i].add(v, n)
		}
	}
	for i := range r.held {
		v := row[r.held[i].column]
		switch {
		case v.IsNull():
		case n > 0:
			g.held[i].add(v)
		default:
			g.held[i].remove(v)
		}
	}
}

// sum is of the values of a column that are not null.
type sum struct {
	n     int64
	total tables.Decimal
	// over is what the total could not hold, nil mostly.
	over *big.Int
}

// add adds a value with 1, and takes it out with -1.
func (s *sum) add(v tables.Value, n int64) {
	s.n += n
	var x tables.Decimal
	switch v.Kind() {
	case tables.Int64:
		x = tables.DecimalFromInt64(v.Int())
	case tables.DecimalKind:
		x = v.Decimal()
	default:
		return // only its number is asked for
	}
	if n < 0 {
		x = x.Neg()
	}
	total, fits := s.total.Add(x)
	if !fits {
		if s.over == nil {
			s.over = new(big.Int)
		}
		s.over.Add(s.over, s.total.Big())
		total = x
	}
	s.total = total
}

// big returns the sum.
func (s *sum) big() *big.Int {
	total := s.total.Big()
	if s.over != nil {
		total.Add(total, s.over)
	}
	return total
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
		return tables.Int64Value(int64(g.held[m.slot].distinct()))
	case query.Max:
		return g.held[m.slot].most()
	}
	return g.held[m.slot].least()
}

// value returns the sum or the average; null over no values, and where the result has
// more digits than its type, for which a query has an error.
func (s *sum) value(m *measure) tables.Value {
	if s.n == 0 {
		return tables.Value{}
	}
	if m.aggregate == query.Sum && s.over == nil {
		return fitting(s.total, true, m)
	}
	total := s.big()
	if m.aggregate == query.Avg {
		scale := uint8(0)
		if m.in.Kind == tables.DecimalKind {
			scale = m.in.Scale
		}
		total = query.Quotient(total, s.n, int(m.out.Scale)-int(scale))
	}
	d, ok := tables.DecimalFromBig(total)
	return fitting(d, ok, m)
}

func fitting(d tables.Decimal, ok bool, m *measure) tables.Value {
	if !ok || !d.Fits(m.out.Precision) {
		return tables.Value{}
	}
	return tables.DecimalValue(d)
}
