package rollup

import (
	"fmt"
	"slices"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// Rollup is the state of one rollup. It is for one goroutine.
type Rollup struct {
	table    *tables.Table
	groupBy  []int         // columns of the rows
	measures []measure     // in the order of the table's columns behind the group's
	summed   []int         // columns whose sums are kept
	held     []int         // columns whose values are kept
	types    []tables.Type // of the rows' columns
	groups   map[tables.Key]*group
	touched  map[tables.Key]struct{}
	key      []tables.Value
}

// measure is a column of the rollup.
type measure struct {
	name      string
	aggregate query.Aggregate
	in, out   tables.Type
	slot      int // in summed or held; -1 for count()
}

// Describe returns the rollup's rows as a table: the group's columns, which are its
// key, and the measures. The error names what cannot be kept.
func Describe(from *tables.Table, def tables.Rollup) (*tables.Table, error) {
	t := &tables.Table{Name: def.Name, Key: slices.Clone(def.GroupBy)}
	if len(def.GroupBy) == 0 {
		return nil, fmt.Errorf("rollup %s: group_by has no column", def.Name)
	}
	for _, name := range def.GroupBy {
		i := from.ColumnIndex(name)
		if i < 0 {
			return nil, fmt.Errorf("rollup %s: group_by: the table %s has no column %s", def.Name, from.Name, name)
		}
		if from.Columns[i].Type.Kind == tables.JSON {
			return nil, fmt.Errorf("rollup %s: group_by: json cannot be grouped by, and %s is json", def.Name, name)
		}
		if t.ColumnIndex(name) >= 0 {
			return nil, fmt.Errorf("rollup %s: group_by: the column %s stands twice", def.Name, name)
		}
		t.Columns = append(t.Columns, tables.Column{Name: name, Type: from.Columns[i].Type})
	}
	if len(def.Measures) == 0 {
		return nil, fmt.Errorf("rollup %s: there is no measure", def.Name)
	}
	for _, m := range def.Measures {
		typ, err := resultType(from, m)
		if err != nil {
			return nil, fmt.Errorf("rollup %s: measure %s: %w", def.Name, m.Name, err)
		}
		if t.ColumnIndex(m.Name) >= 0 {
			return nil, fmt.Errorf("rollup %s: the column %s stands twice", def.Name, m.Name)
		}
		t.Columns = append(t.Columns, tables.Column{Name: m.Name, Type: typ})
	}
	return t, nil
}

// resultType returns the type of a measure.
func resultType(from *tables.Table, m tables.Measure) (tables.Type, error) {
	a, ok := query.ParseAggregate(m.Function)
	if !ok {
		return tables.Type{}, fmt.Errorf("%s is no function; there are count, sum, avg, min, max and count_distinct", m.Function)
	}
	if m.Column == "" {
		if a != query.Count {
			return tables.Type{}, fmt.Errorf("%s needs a column", m.Function)
		}
		return tables.Type{Kind: tables.Int64}, nil
	}
	i := from.ColumnIndex(m.Column)
	if i < 0 {
		return tables.Type{}, fmt.Errorf("the table %s has no column %s", from.Name, m.Column)
	}
	in := from.Columns[i].Type
	if (a == query.Sum || a == query.Avg) && in.Kind == tables.Float64 {
		return tables.Type{}, fmt.Errorf("a sum of float64 cannot be kept exact, as values are taken out of it again: declare %s as a decimal", m.Column)
	}
	out, ok := query.ResultType(a, in)
	if !ok {
		return tables.Type{}, fmt.Errorf("there is no %s of %s", m.Function, in)
	}
	return out, nil
}

// New returns the rollup of no rows at all.
func New(from *tables.Table, def tables.Rollup) (*Rollup, error) {
	t, err := Describe(from, def)
	if err != nil {
		return nil, err
	}
	r := &Rollup{table: t, groups: map[tables.Key]*group{}, touched: map[tables.Key]struct{}{}}
	for i := range from.Columns {
		r.types = append(r.types, from.Columns[i].Type)
	}
	for _, name := range def.GroupBy {
		r.groupBy = append(r.groupBy, from.ColumnIndex(name))
	}
	for i, m := range def.Measures {
		a, _ := query.ParseAggregate(m.Function)
		out := measure{name: m.Name, aggregate: a, out: t.Columns[len(def.GroupBy)+i].Type, slot: -1}
		if column := from.ColumnIndex(m.Column); m.Column != "" {
			out.in = from.Columns[column].Type
			switch a {
			case query.Count:
				out.slot = slot(&r.summed, column)
			case query.Sum, query.Avg:
				out.slot = slot(&r.summed, column)
			default:
				out.slot = slot(&r.held, column)
			}
		}
		r.measures = append(r.measures, out)
	}
	return r, nil
}

// slot returns the place of a column in a list, in which it stands once.
func slot(list *[]int, column int) int {
	if i := slices.Index(*list, column); i >= 0 {
		return i
	}
	*list = append(*list, column)
	return len(*list) - 1
}

// Table returns the rollup's rows as a table.
func (r *Rollup) Table() *tables.Table { return r.table }

// Change takes a row out and puts another in; nil stands for none.
func (r *Rollup) Change(before, after []tables.Value) {
	if before != nil {
		r.count(before, -1)
	}
	if after != nil {
		r.count(after, 1)
	}
}

func (r *Rollup) count(row []tables.Value, n int64) {
	r.key = r.key[:0]
	for _, c := range r.groupBy {
		r.key = append(r.key, known(row[c]))
	}
	key := tables.EncodeKey(r.key...)
	g := r.groups[key]
	if g == nil {
		g = newGroup(r, row)
		r.groups[key] = g
	}
	g.count(r, row, n)
	r.touched[key] = struct{}{}
}

// known makes null of a value that the source's log did not carry.
func known(v tables.Value) tables.Value {
	if v.IsNull() {
		return tables.Value{}
	}
	return v
}

// Changed calls f with each group that has been touched since the last call, and its
// row, nil for a group that has no rows any more. The values may be kept.
func (r *Rollup) Changed(f func(key tables.Key, row []tables.Value)) {
	for key := range r.touched {
		g := r.groups[key]
		if g.rows == 0 {
			delete(r.groups, key)
			f(key, nil)
			continue
		}
		f(key, g.row(r))
	}
	clear(r.touched)
}
