package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// Problem names what kind of mistake a request has; it ends the type of the
// answer's problem.
type Problem string

// The problems of a request.
const (
	BadParameter     Problem = "bad-parameter"
	UnknownParameter Problem = "unknown-parameter"
	UnknownColumn    Problem = "unknown-column"
	UnknownOperator  Problem = "unknown-operator"
	UnknownFunction  Problem = "unknown-function"
	BadValue         Problem = "bad-value"
)

// Error is a mistake in a request's parameters.
type Error struct {
	Problem Problem
	Field   string // the parameter, as it was written
	Detail  string // what is wrong and what was expected
	Hint    string // what to write instead; may be empty
}

// Error returns the field, the detail and the hint as one line.
func (e *Error) Error() string {
	s := e.Field + ": " + e.Detail
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

func badParameter(field, hint, format string, args ...any) *Error {
	return &Error{Problem: BadParameter, Field: field, Detail: fmt.Sprintf(format, args...), Hint: hint}
}

func unknownColumn(field, name string, t *tables.Table) *Error {
	return &Error{
		Problem: UnknownColumn, Field: field,
		Detail: fmt.Sprintf("the table %s has no column %s", t.Name, Quote(name)),
		Hint:   didYouMean(name, columnNames(t), "the columns are"),
	}
}

func unknownOperator(field, name string) *Error {
	return &Error{
		Problem: UnknownOperator, Field: field,
		Detail: fmt.Sprintf("%s is no operator", Quote(name)),
		Hint:   operatorMeant(name),
	}
}

// elsewhere are operators of PostgREST that there are none of here: no slips of the finger.
var elsewhere = []string{"adj", "all", "any", "cd", "cs", "fts", "imatch", "isdistinct", "match", "nxl", "nxr", "ov", "phfts", "plfts", "sl", "sr", "wfts"}

func operatorMeant(name string) string {
	if slices.Contains(elsewhere, name) {
		name = ""
	}
	return didYouMean(name, operatorNames(), "the operators are")
}

func columnNames(t *tables.Table) []string {
	out := make([]string, len(t.Columns))
	for i := range t.Columns {
		out[i] = t.Columns[i].Name
	}
	return out
}

// didYouMean names the nearest of the valid names, or lists them where none is near.
func didYouMean(name string, valid []string, lead string) string {
	if n := Nearest(name, valid); n != "" {
		return "did you mean " + n + "?"
	}
	const most = 20
	if len(valid) > most {
		valid = append(valid[:most:most], "...")
	}
	return lead + " " + strings.Join(valid, ", ")
}

// Quote returns hostile text in double quotes, shortened, for a message.
func Quote(s string) string {
	const most = 60
	if len(s) > most {
		s = s[:most-3] + "..."
	}
	return fmt.Sprintf("%q", s)
}
