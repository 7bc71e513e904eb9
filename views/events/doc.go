// Package events has the events of the read side: one struct for each kind of event, with its data
// and its log line. A Listener has a func for each kind. The log is a listener (Log), the counters of
// a view are one (views/metrics), and tests that print events have a third.
//
//	listener.go   Listener, and functions that make listeners
//	view.go       a view and its rows: begun, rebuilt, set aside, held back
//	batches.go    batches that are sealed, left out, written
//	changelog.go  reading the changelog and the topics beside it
//	store.go      rows in memory
//	requests.go   requests that could not be answered
//
// What happens for each record or row is not an event: it is counted where it happens. The
// package is a leaf of the read side.
package events
