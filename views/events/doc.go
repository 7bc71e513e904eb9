// Package events says what happens on the read side: one struct for each kind of event, with
// what is to be known of it, and the line of the log that it makes. A Listener has a func for
// each kind. The log is a listener (Log), the counters of a view are one (views/metrics), and
// tests that print what happens are a third.
//
//	listener.go   Listener, and what makes listeners
//	view.go       a view and its rows: begun, rebuilt, set aside, held back
//	batches.go    batches that are sealed, left out, written
//	changelog.go  reading the changelog and the topics beside it
//	store.go      rows in memory
//	requests.go   requests that could not be answered
//
// What happens for each record or row is no event: it is counted where it happens. The
// package is a leaf of the read side.
package events
