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
	groupBy  []int     // columns of the rows
	measures []measure // in the order of the table's columns behind the group's
	summed   []int     // columns whose sums are kept
	held     []keeping // columns whose values are kept
	groups   map[tables.Key]*group
	touched  []*group

	// Of the row that is counted.
	by  []tables.Value
	key []byte
}

// keeping is a column whose values are kept.
type keeping struct {
	column int
	none   func() held // of a new group
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
			return nil, fmt.Errorf("rollup %s: group_by: the column %s is given twice", def.Name, name)
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
			return nil, fmt.Errorf("rollup %s: the column %s is given twice", def.Name, m.Name)
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
	r := &Rollup{table: t, groups: map[tables.Key]*group{}}
	for _, name := range def.GroupBy {
		r.groupBy = append(r.groupBy, from.ColumnIndex(name))
	}
	for i, m := range def.Measures {
		a, _ := query.ParseAggregate(m.Function)
		out := measure{name: m.Name, aggregate: a, out: t.Columns[len(def.GroupBy)+i].Type, slot: -1}
		if column := from.ColumnIndex(m.Column); m.Column != "" {
			out.in = from.Columns[column].Type
			switch a {
			case query.Count, query.Sum, query.Avg:
				out.slot = r.sum(column)
			default:
				out.slot = r.keep(column, out.in)
			}
		}
		r.measures = append(r.measures, out)
	}
	return r, nil
}

// sum returns the place in summed of a column, which is there once.
func (r *Rollup) sum(column int) int {
	if i := slices.Index(r.summed, column); i >= 0 {
		return i
	}
	r.summed = append(r.summed, column)
	return len(r.summed) - 1
}

// keep returns the place in held of a column, which is there once.
func (r *Rollup) keep(column int, t tables.Type) int {
	if i := slices.IndexFunc(r.held, func(k keeping) bool { return k.column == column }); i >= 0 {
		return i
	}
	r.held = append(r.held, keeping{column: column, none: holding(t)})
	return len(r.held) - 1
}

// columns returns the columns of the rows that are counted by, each once.
func (r *Rollup) columns() []int {
	out := slices.Concat(r.groupBy, r.summed)
	for i := range r.held {
		out = append(out, r.held[i].column)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Table returns the rollup's rows as a table.
func (r *Rollup) Table() *tables.Table { return r.table }

// clear forgets all rows.
func (r *Rollup) clear() {
	clear(r.groups)
	clear(r.touched)
	r.touched = r.touched[:0]
}

// Change takes a row out and puts another in; nil stands for none.
func (r *Rollup) Change(before, after []tables.Value) {
	if before != nil {
		r.count(before, -1)
	}
	if after != nil {
		r.count(after, 1)
	}
}

// count adds a row with 1, and takes it out with -1.
func (r *Rollup) count(row []tables.Value, n int64) {
	r.by = r.by[:0]
	for _, c := range r.groupBy {
		r.by = append(r.by, known(row[c]))
	}
	r.key = tables.AppendKey(r.key[:0], r.by...)
	g := r.groups[tables.Key(r.key)]
	if g == nil {
		g = newGroup(r, tables.Key(r.key), r.by)
		r.groups[g.key] = g
	}
	g.count(r, row, n)
	if !g.touched {
		g.touched = true
		r.touched = append(r.touched, g)
	}
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
	for i, g := range r.touched {
		g.touched, r.touched[i] = false, nil
		if g.rows == 0 {
			delete(r.groups, g.key)
			f(g.key, nil)
			continue
		}
		f(g.key, g.row(r))
	}
	r.touched = r.touched[:0]
}
