// Package streams has the handlers of clients that follow a table: its changes as server-sent
// events (HTML Living Standard, section 9.2).
//
//	handlers.go   what the handlers need
//	changes.go    the answer that starts a stream
//	stream.go     one stream, until its client goes
//	events.go     a batch of changes as events, sent to one client
//	place.go      places in a feed, and their ids
//	text.go       rows in events, which streams with the same select write once
//	metrics.go
//
// Package views/changes reports what has changed. It may import the packages of views/api
// that have no handlers.
//
// Metrics:
//
//	tidemark_http_change_streams
//	tidemark_http_change_events_total{event}
//	tidemark_http_change_resets_total
package streams
