package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/tidemark/tidemark/views/query"
)

// problemOf tells an error as a problem. What is not known here is internal: its
// text goes to the log only.
func problemOf(err error) *Problem {
	var p *Problem
	var mistake *query.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &mistake):
		return badRequest(string(mistake.Problem), mistake.Field, mistake.Detail, mistake.Hint)
	case errors.As(err, &tooLarge):
		return &Problem{
			Kind: "body-too-large", Title: "The body is too large", Status: http.StatusRequestEntityTooLarge,
			Detail: fmt.Sprintf("a body has at most %d bytes", tooLarge.Limit),
		}
	case errors.Is(err, query.ErrRange):
		return badRequest("out-of-range", "select", "a sum or an average has more digits than its type holds", "sum fewer rows, or a column of fewer digits")
	case errors.Is(err, ErrNoBatch):
		return &Problem{
			Kind: "no-such-batch", Title: "There is no such batch", Status: http.StatusNotFound,
			Detail: "the batch is not complete yet, or it is no longer kept", Hint: "GET the table's batches for a list",
		}
	case errors.Is(err, ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return &Problem{
			Kind: kindUnavailable, Title: "Not available at present", Status: http.StatusServiceUnavailable,
			Detail: "this cannot be answered at present", RetryAfter: 1,
		}
	}
	return &Problem{
		Kind: kindInternal, Title: "Something went wrong here", Status: http.StatusInternalServerError,
		Detail: "the request was understood and could not be answered; the log tells why under the request id",
	}
}

// The kinds that the log is told at more than debug.
const (
	kindInternal    = "internal"
	kindUnavailable = "unavailable"
	kindBusy        = "busy" // only counted: it would be one line for each request of a flood
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

func badRequest(kind, field, detail, hint string) *Problem {
	return &Problem{Kind: kind, Title: titles[kind], Status: http.StatusBadRequest, Detail: detail, Field: field, Hint: hint}
}

func noTable(name string, names []string) *Problem {
	p := &Problem{
		Kind: "unknown-table", Title: "There is no such table", Status: http.StatusNotFound,
		Detail: "there is no table " + query.Quote(name),
	}
	if near := query.Nearest(name, names); near != "" {
		p.Hint = "did you mean " + near + "?"
	} else if len(names) > 0 {
		p.Hint = "GET /v1/tables lists them"
	}
	return p
}

func noRoute(path string, paths []string) *Problem {
	p := &Problem{
		Kind: "not-found", Title: "There is nothing here", Status: http.StatusNotFound,
		Detail: "nothing is served at " + query.Quote(path), Hint: "GET /v1/openapi.json describes every path",
	}
	if near := query.Nearest(path, paths); near != "" && !strings.Contains(near, "{") {
		p.Hint = "did you mean " + near + "?"
	}
	return p
}

func noRow(table string) *Problem {
	return &Problem{
		Kind: "no-such-row", Title: "There is no such row", Status: http.StatusNotFound,
		Detail: "the table " + table + " has no row with this key",
	}
}

func noMethod(method, allow string) *Problem {
	return &Problem{
		Kind: "method-not-allowed", Title: "The method is not allowed here", Status: http.StatusMethodNotAllowed,
		Detail: query.Quote(method) + " is not served at this path", Hint: "the methods are " + allow, Allow: allow,
	}
}

func notAcceptable(what string) *Problem {
	return &Problem{
		Kind: "not-acceptable", Title: "None of the accepted types is served", Status: http.StatusNotAcceptable,
		Detail: "the answer comes as " + what, Field: "Accept",
	}
}

func notReady(table string, s Status) *Problem {
	return &Problem{
		Kind: "not-ready", Title: "The table is not ready yet", Status: http.StatusServiceUnavailable,
		Detail: fmt.Sprintf("the table %s cannot be read yet: %d of %d records are there", table, s.Done, s.Total),
		Hint:   "GET /readyz tells what it waits for", RetryAfter: 1,
	}
}

func tooSlow(limit time.Duration) *Problem {
	return &Problem{
		Kind: "query-too-slow", Title: "The query takes too long", Status: http.StatusServiceUnavailable,
		Detail: "the rows were not found within " + limit.String(),
		Hint:   "filter by the first columns of the sort key, group fewer rows, or stream rows.ndjson", RetryAfter: 1,
	}
}

func gone(detail string) *Problem {
	return &Problem{
		Kind: "gone", Title: "The instant of the first page is gone", Status: http.StatusGone,
		Detail: detail, Field: "cursor", Hint: "start again at the first page",
	}
}
