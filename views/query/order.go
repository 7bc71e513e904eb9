package query

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// order reads order=total.desc.nullslast,id. In an aggregate query the names are
// those of the outputs, or their sources, such as total.sum(); else they are the
// table's columns, and then the outputs' aliases.
func order(t *tables.Table, q *Query, text string) ([]Order, error) {
	s := &scanner{field: "order", text: text}
	var out []Order
	for {
		s.spaces()
		o, err := orderKey(s, t, q)
		if err != nil {
			return nil, err
		}
		if out = append(out, o); len(out) > maxOutputs {
			return nil, badParameter("order", "", "there are more than %d columns", maxOutputs)
		}
		if s.spaces(); s.done() {
			return out, nil
		}
		if !s.take(',') {
			return nil, s.unexpected("in the list of columns")
		}
	}
}

func orderKey(s *scanner, t *tables.Table, q *Query) (Order, error) {
	name, _, err := s.word(".,() ")
	if err != nil {
		return Order{}, err
	}
	if s.takePrefix("()") {
		name += "()"
	} else if rest := s.text[s.pos:]; strings.HasPrefix(rest, ".") {
		// column.function() is one name; column.desc is a name and a direction.
		if i := strings.IndexAny(rest[1:], ".,() "); i >= 0 && strings.HasPrefix(rest[1+i:], "()") {
			name += rest[:1+i+2]
			s.pos += 1 + i + 2
		}
	}
	if name == "" {
		return Order{}, s.unexpected("where a column should be")
	}
	o := Order{}
	if o.Column, err = orderColumn(t, q, name); err != nil {
		return o, err
	}
	return o, direction(s, &o)
}

// direction reads .asc or .desc, then .nullsfirst or .nullslast.
func direction(s *scanner, o *Order) error {
	nulls, directed := false, false
	for s.take('.') {
		switch word := s.until(".,() "); {
		case (word == "asc" || word == "desc") && !directed && !nulls:
			o.Descending, directed = word == "desc", true
		case (word == "nullsfirst" || word == "nullslast") && !nulls:
			o.NullsFirst, nulls = word == "nullsfirst", true
		default:
			return badParameter("order", didYouMean(word, []string{"asc", "desc", "nullsfirst", "nullslast"}, "the words are"),
				"%s is not expected after a column: it is followed by .asc or .desc, then .nullsfirst or .nullslast", Quote(word))
		}
	}
	if !nulls {
		o.NullsFirst = o.Descending
	}
	return nil
}

func orderColumn(t *tables.Table, q *Query, name string) (int, error) {
	var typ tables.Type
	column := -1
	if q.Aggregates() {
		if column = outputIndex(t, q, name); column >= 0 {
			typ = q.Select[column].Type
		}
	} else if column = plainColumn(t, q, name); column >= 0 {
		typ = t.Columns[column].Type
	}
	if column < 0 {
		return 0, orderUnknown(t, q, name)
	}
	if typ.Kind == tables.JSON {
		return 0, badParameter("order", "", "the column %s is json, which has no order", name)
	}
	return column, nil
}

func outputIndex(t *tables.Table, q *Query, name string) int {
	for i, o := range q.Select {
		if o.Name == name {
			return i
		}
	}
	for i, o := range q.Select {
		if source(t, o) == name {
			return i
		}
	}
	return -1
}

func plainColumn(t *tables.Table, q *Query, name string) int {
	if i := t.ColumnIndex(name); i >= 0 {
		return i
	}
	if i := outputIndex(t, q, name); i >= 0 {
		return q.Select[i].Column
	}
	return -1
}

func orderUnknown(t *tables.Table, q *Query, name string) error {
	if !q.Aggregates() {
		return unknownColumn("order", name, t)
	}
	var names []string
	for _, o := range q.Select {
		names = append(names, o.Name)
	}
	return &Error{
		Problem: UnknownColumn, Field: "order",
		Detail: fmt.Sprintf("the answer has no column %s, and rows that are grouped are ordered by what is selected", Quote(name)),
		Hint:   didYouMean(name, names, "the columns are"),
	}
}

// maxLimitBy bounds the rows kept of each group.
const maxLimitBy = 10_000

// limitBy reads limit_by=customer_id,status:3.
func limitBy(t *tables.Table, text string) (*LimitBy, error) {
	s := &scanner{field: "limit_by", text: text}
	out := &LimitBy{}
	for {
		s.spaces()
		name, _, err := s.word(",: ")
		if err != nil {
			return nil, err
		}
		c := t.ColumnIndex(name)
		if c < 0 {
			return nil, unknownColumn("limit_by", name, t)
		}
		if err := comparable("limit_by", &t.Columns[c]); err != nil {
			return nil, err
		}
		if out.Columns = append(out.Columns, c); len(out.Columns) > maxOutputs {
			return nil, badParameter("limit_by", "", "there are more than %d columns", maxOutputs)
		}
		if !s.take(',') {
			break
		}
	}
	n, err := strconv.Atoi(strings.TrimPrefix(s.text[s.pos:], ":"))
	if !s.take(':') || err != nil || n < 1 || n > maxLimitBy {
		return nil, badParameter("limit_by", "write for example limit_by=customer_id:3",
			"columns, a colon and the rows of each group, 1 to %d, were expected", maxLimitBy)
	}
	out.N = n
	return out, nil
}
