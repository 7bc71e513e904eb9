// Package hooks has what the listeners of the program's events share. An event is a small struct with
// typed fields. A listener has a func for each kind of event. The packages in which events happen
// define the kinds: processors/events, views/events and cmd/tidemark/events.
//
//	hook.go      a func for one kind of event
//	listener.go  structs of such funcs: defaults, two as one, one func for all kinds
//	line.go      an event as a line of the log, or of a test's transcript
//
// A struct of funcs listens to everything: a nil func ignores its kind. The log is one
// listener, counters are another, and a test that prints events is a third. Events are
// rare: what happens for each record or row is counted where it happens, and is not an event.
//
// The package is a leaf: it imports nothing of the module.
package hooks
