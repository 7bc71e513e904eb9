package query

import (
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

var compareOps = map[string]CompareOp{"eq": Eq, "neq": Neq, "gt": Gt, "gte": Gte, "lt": Lt, "lte": Lte}

func operatorNames() []string {
	return []string{"eq", "neq", "gt", "gte", "lt", "lte", "in", "is", "like", "ilike", "not"}
}

// filterParam reads the filter <column>=[not.]<op>.<value>. The value is the whole
// rest of the parameter.
func filterParam(t *tables.Table, field string, column int, text string, conditions *int) (Expr, error) {
	s := &scanner{field: field, text: text, conditions: conditions}
	e, err := condition(s, t, column, func(s *scanner) (string, error) { return s.until(""), nil })
	if err == nil && !s.done() {
		return nil, s.unexpected("after the closing parenthesis")
	}
	return e, err
}

// condition reads [not.]<op>.<value>; read takes the value's text.
func condition(s *scanner, t *tables.Table, column int, read func(*scanner) (string, error)) (Expr, error) {
	if *s.conditions++; *s.conditions > MaxConditions {
		return nil, badParameter(s.field, "a list of values, a=in.(1,2,3), is one condition, and POST lookup takes up to 10000 keys",
			"there are more than %d conditions", MaxConditions)
	}
	negated := s.takePrefix("not.")
	op := s.until(".,()")
	if !s.take('.') {
		if isOperator(op) {
			return nil, badParameter(s.field, example(&t.Columns[column], op), "the operator %s has no value", op)
		}
		e := unknownOperator(s.field, op)
		e.Detail += ", and a filter is written as operator.value"
		if Nearest(op, operatorNames()) == "" || op == s.text {
			e.Hint = meant(&t.Columns[column], s.text)
		}
		return nil, e
	}
	e, err := operation(s, t, column, op, read)
	if err != nil {
		return nil, err
	}
	if negated {
		return Not{e}, nil
	}
	return e, nil
}

func isOperator(s string) bool {
	for _, o := range operatorNames() {
		if o == s {
			return true
		}
	}
	return false
}

// example shows a filter of the column by the operator.
func example(c *tables.Column, op string) string {
	one := Example(c.Type)
	rest := op + "." + one
	switch {
	case op == "in" && c.Type.Kind != tables.JSON:
		rest = "in.(" + one + ")"
	case op == "is", op == "not", c.Type.Kind == tables.JSON:
		rest = "not.is.null"
	case op == "like", op == "ilike":
		rest = op + ".a*"
	}
	return "write for example " + c.Name + "=" + rest
}

// meant says how a filter is written that is a value only.
func meant(c *tables.Column, text string) string {
	if _, err := tables.ParseText(c.Type, text); err != nil || c.Type.Kind == tables.JSON || len(text) > 60 {
		return example(c, "eq")
	}
	return "did you mean " + c.Name + "=eq." + text + "?"
}

// Example returns a value of a type, as a filter has it.
func Example(t tables.Type) string {
	switch t.Kind {
	case tables.Bool:
		return "true"
	case tables.Float64, tables.DecimalKind:
		return "1.5"
	case tables.String:
		return "abc"
	case tables.Bytes:
		return "AAEC"
	case tables.UUID:
		return "123e4567-e89b-12d3-a456-426614174000"
	case tables.Date:
		return "2026-11-22"
	case tables.Time:
		return "10:15:00"
	case tables.Timestamp:
		return "2026-11-22T10:15:00Z"
	}
	return "1"
}

func operation(s *scanner, t *tables.Table, column int, op string, read func(*scanner) (string, error)) (Expr, error) {
	c := &t.Columns[column]
	if op == "in" {
		return inList(s, c, column)
	}
	cmp, compares := compareOps[op]
	if !compares && op != "is" && op != "like" && op != "ilike" {
		return nil, unknownOperator(s.field, op)
	}
	text, err := read(s)
	if err != nil {
		return nil, err
	}
	switch op {
	case "is":
		return isTest(s.field, c, column, text)
	case "like", "ilike":
		if c.Type.Kind != tables.String {
			return nil, badParameter(s.field, "use eq, gt, lt or in", "%s compares strings, and the column %s is %s", op, c.Name, c.Type)
		}
		return Like{Column: column, Pattern: text, Fold: op == "ilike"}, nil
	}
	if err := comparable(s.field, c); err != nil {
		return nil, err
	}
	v, err := value(s.field, c, text)
	if err != nil {
		if e := between(c, column, cmp, text); e != nil {
			return e, nil
		}
		return nil, err
	}
	return Compare{Column: column, Op: cmp, Value: v}, nil
}

// comparable refuses json: its text is no identity, and two texts of one document would differ.
func comparable(field string, c *tables.Column) error {
	if c.Type.Kind == tables.JSON {
		return badParameter(field, fmt.Sprintf("declare a column with a path into %s to compare a part of it", c.Name),
			"the column %s is json, which is tested with is.null only", c.Name)
	}
	return nil
}

// inList reads (a,"b,c"). An empty list holds no value, not even for null.
func inList(s *scanner, c *tables.Column, column int) (Expr, error) {
	if err := comparable(s.field, c); err != nil {
		return nil, err
	}
	if !s.take('(') {
		return nil, badParameter(s.field, fmt.Sprintf("write %s=in.(a,b)", c.Name), "the values of in are in parentheses")
	}
	if s.take(')') {
		return Or{}, nil
	}
	in, never := In{Column: column}, Expr(nil)
	for {
		text, _, err := s.word(",)")
		if err != nil {
			return nil, err
		}
		if v, err := value(s.field, c, text); err == nil {
			in.Values = append(in.Values, v)
		} else if never = between(c, column, Eq, text); never == nil {
			return nil, err
		}
		if s.take(')') {
			if len(in.Values) == 0 {
				return never, nil
			}
			return in, nil
		}
		if !s.take(',') {
			return nil, s.unexpected("in the list of in: a comma or a closing parenthesis was")
		}
	}
}

func isTest(field string, c *tables.Column, column int, text string) (Expr, error) {
	switch word := strings.ToLower(text); word {
	case "null":
		return Is{Column: column, Test: IsNull}, nil
	case "not_null":
		return Not{Is{Column: column, Test: IsNull}}, nil
	case "true", "false":
		if c.Type.Kind != tables.Bool {
			return nil, badParameter(field, "",
				"is.%s needs a bool, and the column %s is %s", word, c.Name, c.Type)
		}
		if word == "true" {
			return Is{Column: column, Test: IsTrue}, nil
		}
		return Is{Column: column, Test: IsFalse}, nil
	}
	return nil, &Error{
		Problem: BadValue, Field: field, Detail: fmt.Sprintf("is takes null, not_null, true or false, not %s", Quote(text)),
		Hint: didYouMean(text, []string{"null", "not_null", "true", "false"}, "the words are"),
	}
}
