package reads

import (
	"net/http"
	"time"

	"github.com/tidemark/tidemark/views/api/problem"
)

func noRow(table string) *problem.Details {
	return &problem.Details{
		Kind: "no-such-row", Title: "There is no such row", Status: http.StatusNotFound,
		Detail: "the table " + table + " has no row with this key",
	}
}

func tooSlow(limit time.Duration) *problem.Details {
	return &problem.Details{
		Kind: "query-too-slow", Title: "The query takes too long", Status: http.StatusServiceUnavailable,
		Detail: "the rows were not found within " + limit.String(),
		Hint:   "filter by the first columns of the sort key, group fewer rows, or stream rows.ndjson", RetryAfter: 1,
	}
}

func gone(detail string) *problem.Details {
	return &problem.Details{
		Kind: "gone", Title: "The instant of the first page is gone", Status: http.StatusGone,
		Detail: detail, Field: "cursor", Hint: "start again at the first page",
	}
}
