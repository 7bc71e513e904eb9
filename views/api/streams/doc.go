// Package streams has the handlers of those who follow a table: its changes as server-sent
// events (HTML Living Standard, section 9.2).
//
//	handlers.go   what they work with
//	changes.go    the answer that a stream begins as
//	stream.go     one stream, until its client goes
//	events.go     a batch of changes as events, sent to one client
//	place.go      places in a feed, and their ids
//	text.go       rows in events, which streams that select the same write once
//	metrics.go
//
// What has changed is told by views/changes. It may import the rooms of views/api below
// handlers, and no handlers.
//
// Metrics:
//
//	tidemark_http_change_streams
//	tidemark_http_change_events_total{event}
//	tidemark_http_change_resets_total
package streams
