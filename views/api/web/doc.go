// Package web passes requests to handlers and their answers to clients, for every kind of
// route: it knows that tables exist, but not one route.
//
//	service.go             what all routes have in common: limits, origins, log, metrics
//	route.go               a route; who is admitted; the way from it to its handler
//	call.go                one request, and the memory that it uses
//	answer.go, fail.go     the two ways in which an answer is written
//	problems.go            errors as problems
//	ranges.go, recorder.go wrappers of a standard library writer
//	metrics.go             requests by route, and reads that wait
//
// A handler returns (Answer, error); it never writes. Packages of handlers import this one
// and do not import each other. Package views/api imports them all and has the list of routes.
//
// Metrics:
//
//	tidemark_http_requests_total{route,method,code}
//	tidemark_http_request_duration_seconds{route}
//	tidemark_http_heavy_reads_waiting
//	tidemark_http_heavy_reads_refused_total
package web
