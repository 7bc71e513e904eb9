package query

import (
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// maxOutputs bounds the members of an answer's rows.
const maxOutputs = 1000

// SelectAll is what a request without select asks for: every column of the table.
func SelectAll(t *tables.Table) []Output {
	out := make([]Output, len(t.Columns))
	for i := range t.Columns {
		out[i] = Output{Name: t.Columns[i].Name, Column: i, Type: t.Columns[i].Type}
	}
	return out
}

// selection reads select=id,alias:column,*,count(),alias:column.sum().
func selection(t *tables.Table, text string) ([]Output, error) {
	s := &scanner{field: "select", text: text}
	var out []Output
	for {
		if s.spaces(); s.take('*') {
			out = append(out, SelectAll(t)...)
		} else {
			o, err := output(s, t)
			if err != nil {
				return nil, err
			}
			out = append(out, o)
		}
		if len(out) > maxOutputs {
			return nil, badParameter("select", "", "there are more than %d columns", maxOutputs)
		}
		if s.spaces(); s.done() {
			return out, checkOutputs(t, out)
		}
		if !s.take(',') {
			return nil, s.unexpected("in the list of columns")
		}
	}
}

// output reads one item of select.
func output(s *scanner, t *tables.Table) (Output, error) {
	const stops = ",:.() "
	name, quoted, err := s.word(stops)
	if err != nil {
		return Output{}, err
	}
	alias := ""
	if s.take(':') {
		if alias = name; alias == "" {
			return Output{}, badParameter("select", "write alias:column", "the name before : is empty")
		}
		if name, quoted, err = s.word(stops); err != nil {
			return Output{}, err
		}
	}
	if name == "" && !quoted {
		return Output{}, s.unexpected("where a column should be")
	}
	o := Output{Column: -1}
	if !s.takePrefix("()") {
		if o.Column = t.ColumnIndex(name); o.Column < 0 {
			return Output{}, unknownColumn("select", name, t)
		}
		if !s.take('.') {
			o.Name, o.Type = alias, t.Columns[o.Column].Type
			if alias == "" {
				o.Name = name
			}
			return o, nil
		}
		name = s.until(stops)
		if !s.takePrefix("()") {
			return Output{}, badParameter("select", "write column.sum(), with parentheses", "%s after a column is no function call", Quote(name))
		}
	}
	return aggregate(t, o, name, alias)
}

// aggregate completes o with the function of the given name.
func aggregate(t *tables.Table, o Output, name, alias string) (Output, error) {
	a, ok := ParseAggregate(name)
	if !ok {
		return o, &Error{
			Problem: UnknownFunction, Field: "select", Detail: fmt.Sprintf("%s is no function", Quote(name)),
			Hint: didYouMean(name, functionNames[1:], "the functions are"),
		}
	}
	o.Aggregate, o.Name = a, alias
	if alias == "" {
		o.Name = name
	}
	if o.Column < 0 {
		if a != Count {
			return o, badParameter("select", "write column."+name+"()", "%s needs a column", name)
		}
		o.Type = tables.Type{Kind: tables.Int64}
		return o, nil
	}
	c := &t.Columns[o.Column]
	if o.Type, ok = ResultType(a, c.Type); !ok {
		return o, badParameter("select", "", "%s is not defined for the column %s, which is %s", name, c.Name, c.Type)
	}
	return o, nil
}

// checkOutputs refuses two outputs of one name, and groups by what has no identity.
func checkOutputs(t *tables.Table, out []Output) error {
	q := Query{Select: out}
	groups := q.Aggregates()
	seen := make(map[string]bool, len(out))
	for _, o := range out {
		if seen[o.Name] {
			return badParameter("select", "rename one: alias:"+strings.TrimPrefix(source(t, o), ":"), "two columns of the answer are called %s", Quote(o.Name))
		}
		seen[o.Name] = true
		if groups && o.Aggregate == AggregateNone && o.Type.Kind == tables.JSON {
			return badParameter("select", "", "rows cannot be grouped by %s, which is json", Quote(o.Name))
		}
	}
	return nil
}

// source writes an output as select does, without its alias.
func source(t *tables.Table, o Output) string {
	if o.Aggregate == AggregateNone {
		return t.Columns[o.Column].Name
	}
	if o.Column < 0 {
		return o.Aggregate.String() + "()"
	}
	return t.Columns[o.Column].Name + "." + o.Aggregate.String() + "()"
}
