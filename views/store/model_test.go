package store

import (
	"math/big"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// model is a table as a map, with every read done the plain way: the store has to
// give the same answers.
type model struct {
	table *tables.Table
	rows  map[tables.Key][]tables.Value
}

func (m *model) clone() *model {
	out := &model{table: m.table, rows: make(map[tables.Key][]tables.Value, len(m.rows))}
	for k, v := range m.rows {
		out.rows[k] = v
	}
	return out
}

func (m *model) apply(c Change) {
	if c.Values == nil {
		delete(m.rows, c.Key)
		return
	}
	m.rows[c.Key] = c.Values
}

func (m *model) checksum() (sum uint64) {
	for k, v := range m.rows {
		sum += wire.RowHash(k, wire.AppendValues(nil, v))
	}
	return sum
}

// truth is a value of SQL's logic.
type truth int

const (
	isFalse truth = iota
	isUnknown
	isTrue
)

func truthOf(b bool) truth {
	if b {
		return isTrue
	}
	return isFalse
}

func eval(e query.Expr, row []tables.Value) truth {
	switch e := e.(type) {
	case nil:
		return isTrue
	case query.And:
		out := isTrue
		for _, p := range e {
			out = min(out, eval(p, row))
		}
		return out
	case query.Or:
		out := isFalse
		for _, p := range e {
			out = max(out, eval(p, row))
		}
		return out
	case query.Not:
		return isTrue - eval(e.Expr, row)
	case query.Is:
		v := row[e.Column]
		switch e.Test {
		case query.IsNull:
			return truthOf(v.IsNull())
		case query.IsTrue:
			return truthOf(!v.IsNull() && v.Bool())
		}
		return truthOf(!v.IsNull() && !v.Bool())
	}
	return evalValue(e, row)
}

func evalValue(e query.Expr, row []tables.Value) truth {
	switch e := e.(type) {
	case query.Compare:
		if row[e.Column].IsNull() {
			return isUnknown
		}
		return truthOf(compares(e.Op, tables.Compare(row[e.Column], e.Value)))
	case query.In:
		if row[e.Column].IsNull() {
			return isUnknown
		}
		return truthOf(slices.ContainsFunc(e.Values, func(v tables.Value) bool { return tables.Compare(row[e.Column], v) == 0 }))
	case query.Like:
		if row[e.Column].IsNull() {
			return isUnknown
		}
		s, p := row[e.Column].Str(), e.Pattern
		if e.Fold {
			s, p = strings.ToLower(s), strings.ToLower(p)
		}
		return truthOf(globs(p, s))
	}
	panic("unknown expression")
}

// compares says whether a comparison is true of the order of two values.
func compares(op query.CompareOp, c int) bool {
	return map[query.CompareOp]bool{
		query.Eq: c == 0, query.Neq: c != 0, query.Gt: c > 0, query.Gte: c >= 0, query.Lt: c < 0, query.Lte: c <= 0,
	}[op]
}

// globs is the definition of a pattern, by recursion.
func globs(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '*':
		return globs(p[1:], s) || s != "" && globs(p, s[1:])
	}
	return s != "" && s[0] == p[0] && globs(p[1:], s[1:])
}

// modelRow is a row of an answer with what it is ordered by.
type modelRow struct {
	key    tables.Key
	order  []tables.Value
	values []tables.Value
	group  []tables.Value // of limit_by
}

func (m *model) query(q *query.Query) (rows []modelRow, more bool) {
	if q.Aggregates() {
		rows = m.groups(q)
	} else {
		rows = m.plain(q)
	}
	terms := m.terms(q)
	slices.SortFunc(rows, func(a, b modelRow) int { return compareModel(terms, a, b) })
	if by := q.LimitBy; by != nil {
		seen := map[tables.Key]int{}
		rows = slices.DeleteFunc(rows, func(r modelRow) bool {
			k := tables.EncodeKey(r.group...)
			seen[k]++
			return seen[k] > by.N
		})
	}
	if q.After != nil {
		at := modelRow{key: q.After.Key, order: q.After.Values}
		rows = slices.DeleteFunc(rows, func(r modelRow) bool { return compareModel(terms, r, at) <= 0 })
	}
	rows = rows[min(q.Offset, len(rows)):]
	if q.Limit >= 0 && len(rows) > q.Limit {
		return rows[:q.Limit], true
	}
	return rows, false
}

func (m *model) terms(q *query.Query) []query.Order {
	if len(q.Order) > 0 {
		return q.Order
	}
	var out []query.Order
	if q.Aggregates() {
		for i, o := range q.Select {
			if o.Aggregate == query.AggregateNone {
				out = append(out, query.Order{Column: i})
			}
		}
		return out
	}
	for _, c := range m.table.SortColumns() {
		out = append(out, query.Order{Column: c})
	}
	return out
}

func compareModel(terms []query.Order, a, b modelRow) int {
	for i, t := range terms {
		x, y := a.order[i], b.order[i]
		c := tables.Compare(x, y)
		if x.IsNull() != y.IsNull() {
			if c = 1; x.IsNull() == t.NullsFirst {
				c = -1
			}
		} else if t.Descending {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return strings.Compare(string(a.key), string(b.key))
}

func (m *model) plain(q *query.Query) []modelRow {
	var out []modelRow
	for k, row := range m.rows {
		if eval(q.Filter, row) != isTrue {
			continue
		}
		r := modelRow{key: k}
		for _, t := range m.terms(q) {
			r.order = append(r.order, row[t.Column])
		}
		for _, o := range q.Select {
			r.values = append(r.values, row[o.Column])
		}
		if q.LimitBy != nil {
			for _, c := range q.LimitBy.Columns {
				r.group = append(r.group, row[c])
			}
		}
		out = append(out, r)
	}
	return out
}

func (m *model) groups(q *query.Query) []modelRow {
	groups := map[tables.Key][][]tables.Value{}
	plain := 0
	for _, o := range q.Select {
		if o.Aggregate == query.AggregateNone {
			plain++
		}
	}
	if plain == 0 {
		groups[""] = nil
	}
	for _, row := range m.rows {
		if eval(q.Filter, row) != isTrue {
			continue
		}
		var by []tables.Value
		for _, o := range q.Select {
			if o.Aggregate == query.AggregateNone {
				by = append(by, row[o.Column])
			}
		}
		k := tables.EncodeKey(by...)
		groups[k] = append(groups[k], row)
	}
	var out []modelRow
	for k, rows := range groups {
		r := modelRow{key: k}
		for _, o := range q.Select {
			r.values = append(r.values, m.aggregate(o, rows))
		}
		for _, t := range m.terms(q) {
			r.order = append(r.order, r.values[t.Column])
		}
		out = append(out, r)
	}
	return out
}

func (m *model) aggregate(o query.Output, rows [][]tables.Value) tables.Value {
	if o.Aggregate == query.AggregateNone {
		return rows[0][o.Column]
	}
	if o.Column < 0 {
		return tables.Int64Value(int64(len(rows)))
	}
	var values []tables.Value
	distinct := map[tables.Key]bool{}
	for _, r := range rows {
		if v := r[o.Column]; !v.IsNull() {
			values = append(values, v)
			distinct[tables.EncodeKey(v)] = true
		}
	}
	switch o.Aggregate {
	case query.Count:
		return tables.Int64Value(int64(len(values)))
	case query.CountDistinct:
		return tables.Int64Value(int64(len(distinct)))
	}
	if len(values) == 0 {
		return tables.Value{}
	}
	switch o.Aggregate {
	case query.Min:
		return slices.MinFunc(values, tables.Compare)
	case query.Max:
		return slices.MaxFunc(values, tables.Compare)
	}
	return m.total(o, values)
}

func (m *model) total(o query.Output, values []tables.Value) tables.Value {
	in := m.table.Columns[o.Column].Type
	if in.Kind == tables.Float64 {
		sum := 0.0 // the test's floats are small binary fractions: their sums are exact
		for _, v := range values {
			sum += v.Float()
		}
		if o.Aggregate == query.Avg {
			sum /= float64(len(values))
		}
		return tables.Float64Value(sum)
	}
	sum := new(big.Rat)
	for _, v := range values {
		unscaled := big.NewInt(v.Int())
		if in.Kind == tables.DecimalKind {
			unscaled = v.Decimal().Big()
		}
		sum.Add(sum, new(big.Rat).SetInt(unscaled))
	}
	out, _ := query.ResultType(o.Aggregate, in)
	if o.Aggregate == query.Avg {
		sum.Quo(sum, new(big.Rat).SetInt64(int64(len(values))))
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(out.Scale-in.Scale)), nil)
		sum.Mul(sum, new(big.Rat).SetInt(scale))
	}
	n, ok := new(big.Int).SetString(sum.FloatString(0), 10) // FloatString rounds half away from zero
	d, fits := tables.DecimalFromBig(n)
	if !ok || !fits {
		panic("sum out of range")
	}
	return tables.DecimalValue(d)
}
