// Package api is the HTTP face of the live tables: rows by key and by filter,
// batches, health, metrics, and the OpenAPI document of all of it.
//
//	routes.go                     every route, one line each
//	call.go                       a request's way from a route to the one writer of answers
//	problem.go, mistakes.go       what is wrong, as application/problem+json
//	row.go, lookup.go, key.go     rows by key
//	rows.go, page.go, cursor.go   rows by filter
//	format.go, *_rows.go          JSON, NDJSON, CSV, Arrow, Parquet
//	stamp.go, wait.go             the headers of a read; positions that it waits for
//	batches.go, describe.go, health.go, openapi.go
//
// A handler returns (answer, error); it never writes. The tables behind it are
// described by the interfaces in table.go.
//
// Metrics:
//
//	tidemark_http_requests_total{route,method,code}
//	tidemark_http_request_duration_seconds{route}
package api
