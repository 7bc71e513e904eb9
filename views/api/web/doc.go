// Package web takes requests to handlers and their answers to clients, whatever they are
// about: it knows that tables exist, but not one route.
//
//	service.go             what all routes have in common: limits, origins, log, metrics
//	route.go               a route; who is let in; the way from it to its handler
//	call.go                one request on its way, and the room that it uses
//	answer.go, fail.go     the two ways in which an answer is written
//	problems.go            errors as problems
//	ranges.go, recorder.go writers around one that the standard library gives
//	metrics.go             requests by route, and reads that wait
//
// A handler returns (Answer, error); it never writes. Rooms of handlers stand above this one
// and do not know each other; the list of routes is above them all, in views/api.
//
// Metrics:
//
//	tidemark_http_requests_total{route,method,code}
//	tidemark_http_request_duration_seconds{route}
//	tidemark_http_heavy_reads_waiting
//	tidemark_http_heavy_reads_refused_total
package web
