package problem

import (
	"net/http"

	"github.com/tidemark/tidemark/views/query"
)

// The kinds that are logged and counted otherwise.
const (
	Internal    = "internal"    // logged as an error
	Unavailable = "unavailable" // logged as a warning
	Busy        = "busy"        // only counted: it would be one line for each request of a flood
)

var titles = map[string]string{
	string(query.BadParameter):     "A parameter is not well formed",
	string(query.UnknownParameter): "There is no such parameter",
	string(query.UnknownColumn):    "There is no such column",
	string(query.UnknownOperator):  "There is no such operator",
	string(query.UnknownFunction):  "There is no such function",
	string(query.BadValue):         "A value is not of the column's type",
	"bad-key":                      "A key is not well formed",
	"bad-header":                   "A header is not well formed",
	"bad-body":                     "The body is not well formed",
	"bad-cursor":                   "The cursor is not of this request",
	"out-of-range":                 "A result is out of range",
}

// BadRequest is a request that is not well formed, of a kind that has a title here.
func BadRequest(kind, field, detail, hint string) *Details {
	return &Details{Kind: kind, Title: titles[kind], Status: http.StatusBadRequest, Detail: detail, Field: field, Hint: hint}
}
