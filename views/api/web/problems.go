package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/problem"
	"github.com/tidemark/tidemark/views/query"
)

// problemOf returns an error as a problem. What is not known here is internal: its
// text goes to the log only.
func problemOf(err error) *problem.Details {
	var p *problem.Details
	var mistake *query.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &mistake):
		return problem.BadRequest(string(mistake.Problem), mistake.Field, mistake.Detail, mistake.Hint)
	case errors.As(err, &tooLarge):
		return &problem.Details{
			Kind: "body-too-large", Title: "The body is too large", Status: http.StatusRequestEntityTooLarge,
			Detail: fmt.Sprintf("a body has at most %d bytes", tooLarge.Limit),
		}
	case errors.Is(err, query.ErrRange):
		return problem.BadRequest("out-of-range", "select", "a sum or an average has more digits than its type holds", "sum fewer rows, or a column of fewer digits")
	case errors.Is(err, live.ErrNoBatch):
		return live.NoBatch()
	case errors.Is(err, live.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return &problem.Details{
			Kind: problem.Unavailable, Title: "Not available at present", Status: http.StatusServiceUnavailable,
			Detail: "this cannot be answered at present", RetryAfter: 1,
		}
	}
	return &problem.Details{
		Kind: problem.Internal, Title: "Something went wrong here", Status: http.StatusInternalServerError,
		Detail: "the request was understood and could not be answered; the log says why under the request id",
	}
}

func noMethod(method, allow string) *problem.Details {
	return &problem.Details{
		Kind: "method-not-allowed", Title: "The method is not allowed here", Status: http.StatusMethodNotAllowed,
		Detail: query.Quote(method) + " is not served at this path", Hint: "the methods are " + allow, Allow: allow,
	}
}
