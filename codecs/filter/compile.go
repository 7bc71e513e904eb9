package filter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/tidemark/tidemark/tables"
)

// Compile compiles the condition of a table, which selects the rows that are
// served. It is nil for a table without one. The grammar is that of SQL: columns,
// literals, = <> != < <= > >=, AND, OR, NOT, [NOT] IN, LIKE, ILIKE and BETWEEN,
// IS [NOT] NULL, TRUE and FALSE, and parentheses. A comparison with null is
// neither true nor false, and a row is selected when the condition is true.
func Compile(t *tables.Table) (func(values []tables.Value) bool, error) {
	if strings.TrimSpace(t.Where) == "" {
		return nil, nil
	}
	c := compiler{table: t}
	holds, err := c.compile(t.Where)
	if err != nil {
		return nil, fmt.Errorf("where: %w", err)
	}
	return holds, nil
}

// CompileDeletion compiles the condition of a table's source under which a record deletes
// its row. A name that is no column's is a dotted path in the record, whose value is
// taken as text. The condition is given the values of the columns, and behind them
// those at the paths. It is nil for a source without one.
func CompileDeletion(t *tables.Table) (holds func(values []tables.Value) bool, paths []string, err error) {
	if strings.TrimSpace(t.Source.DeleteWhen) == "" {
		return nil, nil, nil
	}
	known := *t
	known.Columns = slices.Clone(t.Columns)
	c := compiler{table: &known, paths: true}
	if holds, err = c.compile(t.Source.DeleteWhen); err != nil {
		return nil, nil, fmt.Errorf("delete_when: %w", err)
	}
	for _, col := range known.Columns[len(t.Columns):] {
		paths = append(paths, col.Name)
	}
	return holds, paths, nil
}

func (c *compiler) compile(text string) (func(values []tables.Value) bool, error) {
	tree, err := parse(text)
	if err != nil {
		return nil, err
	}
	e := c.or(tree)
	if c.err == nil && e.typ.Kind != tables.Bool {
		c.fail(lexer.Position{Line: 1, Column: 1}, "the condition is no bool but %s", e.typ)
	}
	if c.err != nil {
		return nil, c.err
	}
	return func(values []tables.Value) bool {
		v := e.eval(values)
		return v.Kind() == tables.Bool && v.Bool()
	}, nil
}

// An evaluation gives the value of an expression for a row; unknown is null.
type evaluation func(values []tables.Value) tables.Value

// An expression is a compiled part of a condition. A literal has no type of its
// own: what it is compared with decides. Then text holds what was written.
type expression struct {
	pos     lexer.Position
	typ     tables.Type
	eval    evaluation
	literal bool
	quoted  bool
	null    bool // the word NULL
	text    string
}

// A compiler keeps the first fault.
type compiler struct {
	table *tables.Table
	paths bool // a name that is no column's is a path, and becomes one
	err   error
}

func (c *compiler) fail(pos lexer.Position, format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%d:%d: %s", pos.Line, pos.Column, fmt.Sprintf(format, args...))
	}
}

func boolean(eval evaluation) expression {
	return expression{typ: tables.Type{Kind: tables.Bool}, eval: eval}
}

// or is true when any term is, else unknown when any is.
func (c *compiler) or(w *orRule) expression {
	if len(w.Terms) == 1 {
		return c.and(w.Terms[0])
	}
	var terms []evaluation
	for _, t := range w.Terms {
		terms = append(terms, c.condition(c.and(t)))
	}
	return boolean(func(values []tables.Value) tables.Value { return any3(terms, values, true) })
}

// and is false when any term is, else unknown when any is.
func (c *compiler) and(w *andRule) expression {
	if len(w.Terms) == 1 {
		return c.not(w.Terms[0])
	}
	var terms []evaluation
	for _, t := range w.Terms {
		terms = append(terms, c.condition(c.not(t)))
	}
	return boolean(func(values []tables.Value) tables.Value { return any3(terms, values, false) })
}

// any3 returns decisive when any term is it, else null when any is unknown, else the other.
func any3(terms []evaluation, values []tables.Value, decisive bool) tables.Value {
	out := tables.BoolValue(!decisive)
	for _, t := range terms {
		v := t(values)
		switch {
		case v.IsNull():
			out = tables.Value{}
		case v.Bool() == decisive:
			return v
		}
	}
	return out
}

func (c *compiler) not(w *notRule) expression {
	if w.Not == nil {
		return c.test(w.Test)
	}
	e := c.condition(c.not(w.Not))
	return boolean(func(values []tables.Value) tables.Value { return negate(e(values)) })
}

func negate(v tables.Value) tables.Value {
	if v.IsNull() {
		return tables.Value{}
	}
	return tables.BoolValue(!v.Bool())
}

// condition checks that an expression is a bool.
func (c *compiler) condition(e expression) evaluation {
	if e.typ.Kind != tables.Bool {
		c.fail(e.pos, "expected a condition, found %s", e.describe())
	}
	return e.eval
}

func (e *expression) describe() string {
	if e.literal {
		return "the literal " + e.text
	}
	return "a value of type " + e.typ.String()
}

func (c *compiler) test(w *testRule) expression {
	left := c.operand(w.Left)
	switch {
	case c.err != nil:
		return boolean(nil)
	case w.Compare != nil:
		return c.compare(left, w.Compare.Op, c.operand(w.Compare.Right))
	case w.Is != nil:
		return c.is(left, w.Is)
	case w.Among != nil:
		e := c.among(left, w.Among)
		if w.Among.Not {
			eval := e.eval
			e.eval = func(values []tables.Value) tables.Value { return negate(eval(values)) }
		}
		return e
	}
	return left
}

func (c *compiler) operand(w *operandRule) expression {
	switch {
	case w.Group != nil:
		e := c.or(w.Group)
		e.pos = w.Pos
		return e
	case w.Word != nil:
		e := boolean(nil)
		var v tables.Value
		if word := strings.ToLower(*w.Word); word != "null" {
			v = tables.BoolValue(word == "true")
		}
		e.pos, e.null, e.eval = w.Pos, v.IsNull(), func([]tables.Value) tables.Value { return v }
		return e
	case w.Text != nil:
		return expression{pos: w.Pos, literal: true, quoted: true, text: unquoteSQL(*w.Text)}
	case w.Number != nil:
		return expression{pos: w.Pos, literal: true, text: *w.Number}
	case w.Quoted != nil:
		return c.column(w.Pos, unquoteSQL(*w.Quoted))
	}
	return c.column(w.Pos, *w.Name)
}

func (c *compiler) column(pos lexer.Position, name string) expression {
	i := c.table.ColumnIndex(name)
	if i < 0 && c.paths {
		i = len(c.table.Columns)
		c.table.Columns = append(c.table.Columns, tables.Column{Name: name, Type: tables.Type{Kind: tables.String}})
	}
	if i < 0 {
		var names []string
		for _, col := range c.table.Columns {
			names = append(names, col.Name)
		}
		c.fail(pos, "no column %q; the columns are %s", name, strings.Join(names, ", "))
		return expression{pos: pos}
	}
	return expression{pos: pos, typ: c.table.Columns[i].Type, eval: func(values []tables.Value) tables.Value { return values[i] }}
}

func (c *compiler) is(e expression, w *isRule) expression {
	if e.literal {
		c.fail(e.pos, "IS needs a column or a condition, found %s", e.describe())
		return boolean(nil)
	}
	eval := e.eval
	if strings.EqualFold(w.What, "NULL") {
		return boolean(func(values []tables.Value) tables.Value {
			return tables.BoolValue(eval(values).IsNull() != w.Not)
		})
	}
	c.condition(e)
	want := strings.EqualFold(w.What, "TRUE")
	return boolean(func(values []tables.Value) tables.Value {
		v := eval(values)
		return tables.BoolValue((!v.IsNull() && v.Bool() == want) != w.Not)
	})
}
