package store

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// dice makes random tables, rows and queries. Values come from small sets, so that
// they meet each other, and from the edges of their types.
type dice struct {
	*rand.Rand
	table *tables.Table
	ids   int     // keys are drawn from so many
	full  []bool  // the columns that are never null
	scale []int64 // of each column's numbers: how many bytes they take
	drift bool    // values grow with the key, so that blocks differ
	edges bool    // some numbers of this step are at the ends of their type
}

func newDice(seed uint64) *dice {
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 1))}
	d.table = d.newTable()
	d.ids = 1 << (2 + d.IntN(11))
	d.drift = d.IntN(2) == 0
	for range d.table.Columns {
		d.full = append(d.full, d.IntN(3) == 0)
		d.scale = append(d.scale, pick[int64](d, 1, 1, 1<<14, 1<<20, 1<<28, 1<<34))
	}
	return d
}

// fork returns other dice for the same table.
func (d *dice) fork() *dice {
	out := *d
	out.Rand = rand.New(rand.NewPCG(d.Uint64(), 2))
	return &out
}

var diceKinds = []string{
	"int64", "string", "decimal(12,2)", "decimal(30,4)", "float64", "bool", "timestamp", "date", "time", "uuid", "bytes", "json", "string", "int64",
}

func (d *dice) newTable() *tables.Table {
	t := &tables.Table{Name: "dice"}
	for i, k := range diceKinds {
		typ, err := tables.ParseType(k)
		if err != nil {
			panic(err)
		}
		t.Columns = append(t.Columns, tables.Column{Name: fmt.Sprintf("c%d", i), Type: typ, Index: d.IntN(4) == 0})
	}
	keys := [][]string{{"c0"}, {"c0"}, {"c1"}, {"c0", "c1"}, {"c9"}, {"c3", "c7"}}
	t.Key = keys[d.IntN(len(keys))]
	for range d.IntN(4) {
		c := t.Columns[d.IntN(len(t.Columns))].Name
		if len(t.SortKey) == 0 || t.SortKey[len(t.SortKey)-1] != c {
			t.SortKey = append(t.SortKey, c)
		}
	}
	return t
}

func (d *dice) row(id int) (tables.Key, []tables.Value) {
	values := make([]tables.Value, len(d.table.Columns))
	for i := range values {
		switch n := d.IntN(12); {
		case n == 0 && !d.full[i]:
		case n == 1 && !d.full[i]:
			values[i] = tables.UnavailableValue()
		default:
			values[i] = d.value(i)
		}
	}
	if d.drift && !values[13].IsNull() {
		values[13] = tables.Int64Value(int64(id/100) + values[13].Int()%4)
	}
	var key []byte
	for _, c := range d.table.KeyColumns() {
		values[c] = keyValue(d.table.Columns[c].Type, id)
		key = tables.AppendKey(key, values[c])
	}
	return tables.Key(key), values
}

// keyValue returns the value of a key column for an id: distinct for each.
func keyValue(t tables.Type, id int) tables.Value {
	switch t.Kind {
	case tables.String:
		return tables.StringValue(fmt.Sprintf("k%d\x00", id))
	case tables.UUID:
		return tables.UUIDValue([16]byte{0: byte(id * 91), 1: byte(id >> 8), 15: byte(id)})
	case tables.DecimalKind:
		return tables.DecimalValue(tables.Decimal{Hi: int64(id%3) - 1, Lo: uint64(id)})
	case tables.Date:
		return tables.DateValue(int64(id))
	}
	return tables.Int64Value(int64(id)*3 - 100)
}

func pick[T any](d *dice, of ...T) T { return of[d.IntN(len(of))] }

func (d *dice) value(col int) tables.Value {
	t := d.table.Columns[col].Type
	small := int64(d.IntN(24)) - 8
	switch t.Kind {
	case tables.Int64:
		if col == 0 {
			return tables.Int64Value(pick(d, small*1000, small, int64(d.IntN(1<<30)), math.MaxInt64, math.MinInt64))
		}
		if d.edges && d.IntN(64) == 0 {
			return tables.Int64Value(pick(d, math.MaxInt64-small&7, math.MinInt64+small&7))
		}
		return tables.Int64Value(small * d.scale[col])
	case tables.Float64:
		return tables.Float64Value(pick(d, float64(small)/4, 0, math.Copysign(0, -1)))
	case tables.DecimalKind:
		if t.Precision > column.MaxNarrowDigits {
			return tables.DecimalValue(pick(d, tables.DecimalFromInt64(small), tables.Decimal{Hi: small, Lo: 7}))
		}
		return tables.DecimalValue(tables.DecimalFromInt64(small * 25 * min(d.scale[col], 1<<30)))
	case tables.Bool:
		return tables.BoolValue(small > 3)
	case tables.UUID:
		return tables.UUIDValue([16]byte{0: byte(small * 31), 15: byte(d.IntN(2))})
	case tables.Date:
		return tables.DateValue(pick(d, small, 20000+small, tables.DateInfinity, tables.DateNegInfinity))
	case tables.Time:
		return tables.TimeValue((small + 8) * pick(d, 1_000_000, min(d.scale[col], 3_000_000_000)))
	case tables.Timestamp:
		if d.scale[col] > 1 { // without infinities
			return tables.TimestampValue(1_700_000_000_000_000 + small*d.scale[col])
		}
		return tables.TimestampValue(pick(d, small, 1_700_000_000_000_000+small, tables.TimestampInfinity, tables.TimestampNegInfinity))
	case tables.Bytes:
		return tables.BytesValue(pick(d, "", "\x00", "\xff\x00", string(rune(0x40+small))))
	case tables.JSON:
		return tables.JSONValue(pick(d, "{}", "[1]", fmt.Sprintf(`{"n":%d}`, small)))
	}
	if col == 12 && d.IntN(2) == 0 { // a column of many texts
		return tables.StringValue(fmt.Sprintf("text-%d-%d", small, d.IntN(1<<20)))
	}
	return tables.StringValue(pick(d, "", "open", "Open", "paid", "paid late", "ünïcode", fmt.Sprintf("city %d", small)))
}

func (d *dice) expr(depth int) query.Expr {
	if depth > 0 && d.IntN(3) > 0 {
		parts := make([]query.Expr, d.IntN(4))
		for i := range parts {
			parts[i] = d.expr(depth - 1)
		}
		switch d.IntN(3) {
		case 0:
			return query.And(parts)
		case 1:
			return query.Or(parts)
		}
		return query.Not{Expr: d.expr(depth - 1)}
	}
	return d.leaf()
}

func (d *dice) leaf() query.Expr {
	col := d.column()
	switch d.IntN(6) {
	case 0:
		in := query.In{Column: col}
		members := pick(d, d.IntN(5), d.IntN(5), d.IntN(300))
		if d.IntN(200) == 0 {
			members = d.IntN(5000)
		}
		for range members {
			in.Values = append(in.Values, d.operand(col))
		}
		return in
	case 1:
		col = pick(d, 1, 12)
		return query.Like{Column: col, Fold: d.IntN(2) == 0, Pattern: pick(d, "*", "paid*", "*en", "*i*t*", "open", "PAID*", "text-*", "c*y*3")}
	case 2:
		if d.IntN(2) == 0 {
			return query.Is{Column: 5, Test: pick(d, query.IsTrue, query.IsFalse)}
		}
		return query.Is{Column: col}
	}
	return query.Compare{Column: col, Op: query.CompareOp(d.IntN(6)), Value: d.operand(col)}
}

// column returns a column, often one of the key or the sort key.
func (d *dice) column() int {
	switch d.IntN(4) {
	case 0:
		return pick(d, d.table.KeyColumns()...)
	case 1:
		return pick(d, d.table.SortColumns()...)
	}
	return d.IntN(len(d.table.Columns))
}

func (d *dice) operand(col int) tables.Value {
	for _, k := range d.table.KeyColumns() {
		if k == col && d.IntN(4) > 0 {
			return keyValue(d.table.Columns[col].Type, d.IntN(d.ids))
		}
	}
	return d.value(col)
}

func (d *dice) order(n int, column func() int) []query.Order {
	var out []query.Order
	for range n {
		o := query.Order{Column: column(), Descending: d.IntN(2) == 0}
		o.NullsFirst = o.Descending != (d.IntN(4) == 0)
		out = append(out, o)
	}
	return out
}

func (d *dice) query() *query.Query {
	q := &query.Query{Limit: pick(d, 0, 1, 5, 20, 1000, -1)}
	if d.IntN(5) > 0 {
		q.Filter = d.expr(d.IntN(3))
		if and, ok := q.Filter.(query.And); ok && d.IntN(2) == 0 {
			for _, c := range d.table.SortColumns() { // the front of the sort key held fast
				q.Filter = append(and, query.Compare{Column: c, Value: d.operand(c)})
				break
			}
		}
	}
	if d.IntN(3) == 0 {
		q.Offset = d.IntN(6)
	}
	if d.IntN(3) == 0 {
		d.aggregates(q)
		return q
	}
	for i := range d.table.Columns {
		q.Select = append(q.Select, query.Output{Column: i, Name: d.table.Columns[i].Name})
	}
	switch d.IntN(4) {
	case 0:
		down := d.IntN(2) == 0
		for _, c := range d.table.SortColumns() { // in the order of the base, or against it
			q.Order = append(q.Order, query.Order{Column: c, Descending: down, NullsFirst: down})
			if d.IntN(3) == 0 {
				break
			}
		}
	case 1:
		q.Order = d.order(1+d.IntN(3), d.column)
	}
	if sort := d.table.SortColumns(); len(sort) > 0 && d.IntN(8) == 0 {
		d.latest(q, sort)
	} else if d.IntN(5) == 0 {
		q.LimitBy = &query.LimitBy{N: d.IntN(4), Columns: []int{d.column()}}
	}
	return q
}

// latest asks for the first or last rows of some values of the sort key.
func (d *dice) latest(q *query.Query, sort []int) {
	in := query.In{Column: sort[0]}
	for range 1 + d.IntN(20) {
		in.Values = append(in.Values, d.operand(sort[0]))
	}
	q.Filter, q.LimitBy, q.Order = in, &query.LimitBy{N: d.IntN(4), Columns: sort[:1]}, nil
	if d.IntN(3) == 0 {
		q.Filter = query.And{in, d.expr(1)}
	}
	down := d.IntN(2) == 0
	for _, c := range sort[min(d.IntN(2), len(sort)-1):] {
		q.Order = append(q.Order, query.Order{Column: c, Descending: down, NullsFirst: down})
	}
}

// tallied counts and adds up by one column of few values, often over all rows.
func (d *dice) tallied(q *query.Query) {
	if d.IntN(4) > 0 {
		q.Select = append(q.Select, query.Output{Column: pick(d, 1, 5, 8, 12, 13)})
	}
	q.Select = append(q.Select, query.Output{Column: -1, Aggregate: query.Count})
	for range d.IntN(3) {
		q.Select = append(q.Select, query.Output{Column: pick(d, 2, 13), Aggregate: pick(d, query.Sum, query.Avg, query.Count)})
	}
	if d.IntN(3) > 0 {
		q.Filter = nil
	}
}

func (d *dice) aggregates(q *query.Query) {
	if d.IntN(3) == 0 {
		d.tallied(q)
		return
	}
	for range d.IntN(3) {
		q.Select = append(q.Select, query.Output{Column: d.IntN(len(d.table.Columns))})
	}
	for range 1 + d.IntN(4) {
		for {
			o := query.Output{Column: d.IntN(len(d.table.Columns)), Aggregate: query.Aggregate(1 + d.IntN(6))}
			if o.Aggregate == query.Count && d.IntN(2) == 0 {
				o.Column = -1
				q.Select = append(q.Select, o)
				break
			}
			if _, ok := query.ResultType(o.Aggregate, d.table.Columns[o.Column].Type); ok {
				q.Select = append(q.Select, o)
				break
			}
		}
	}
	q.Order = d.order(d.IntN(3), func() int { return d.IntN(len(q.Select)) })
}
