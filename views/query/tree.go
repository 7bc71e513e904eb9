package query

import "github.com/tidemark/tidemark/tables"

// The bounds of the filters of one request, since each condition is tried on many rows.
const (
	maxDepth      = 32    // of the nesting of and(...) and or(...)
	MaxConditions = 1_000 // such as a.eq.1, in all parameters together; a list of in is one
)

// treeParam reads the whole of and=(...), or=(...), not.and=(...) or not.or=(...).
func treeParam(t *tables.Table, field, text string, conditions *int) (Expr, error) {
	s := &scanner{field: field, text: text, conditions: conditions}
	word := scanner{text: field}
	negated := word.takePrefix("not.")
	e, err := tree(s, t, word.text[word.pos:] == "or", 1)
	if err != nil {
		return nil, err
	}
	if s.spaces(); !s.done() {
		return nil, s.unexpected("after the closing parenthesis")
	}
	if negated {
		return Not{e}, nil
	}
	return e, nil
}

// tree reads ( node { , node } ).
func tree(s *scanner, t *tables.Table, or bool, depth int) (Expr, error) {
	if depth > maxDepth {
		return nil, badParameter(s.field, "write a.eq.1,b.eq.2 beside each other where that is possible", "and(...) and or(...) are nested more than %d deep", maxDepth)
	}
	if !s.take('(') {
		return nil, badParameter(s.field, "write for example "+s.field+"=(a.eq.1,b.is.null)", "the conditions are in parentheses")
	}
	var parts []Expr
	for {
		e, err := node(s, t, depth)
		if err != nil {
			return nil, err
		}
		parts = append(parts, e)
		if s.spaces(); s.take(')') {
			break
		}
		if !s.take(',') {
			return nil, s.unexpected("after a condition: a comma or a closing parenthesis was")
		}
	}
	if or {
		return Or(parts), nil
	}
	return And(parts), nil
}

// node reads [not.]and(...), [not.]or(...), or column.[not.]op.value.
func node(s *scanner, t *tables.Table, depth int) (Expr, error) {
	s.spaces()
	for _, n := range [...]struct {
		lead        string
		negated, or bool
	}{{"and(", false, false}, {"or(", false, true}, {"not.and(", true, false}, {"not.or(", true, true}} {
		if !s.takePrefix(n.lead) {
			continue
		}
		s.pos-- // the parenthesis belongs to the tree
		e, err := tree(s, t, n.or, depth+1)
		if err == nil && n.negated {
			e = Not{e}
		}
		return e, err
	}
	name, _, err := s.word(".,()")
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, s.unexpected("where a condition such as a.eq.1 should be")
	}
	column := t.ColumnIndex(name)
	if column < 0 {
		return nil, unknownColumn(s.field, name, t)
	}
	if !s.take('.') {
		return nil, s.unexpected("after the column " + name + ": write column.operator.value")
	}
	return condition(s, t, column, func(s *scanner) (string, error) {
		text, _, err := s.word(",)")
		return text, err
	})
}
