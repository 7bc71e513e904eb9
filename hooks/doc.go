// Package hooks has what the listeners of the program's events have in common. What happens is
// told as a small struct with typed fields; who wants to know of it gives a func for each kind.
// Which kinds there are is said by the rooms that they happen in: processors/events,
// views/events and cmd/tidemark/events.
//
//	hook.go      a func for one kind of event
//	listener.go  structs of such funcs: defaults, two as one, one func for all kinds
//	line.go      an event as a line of the log, or of a test's transcript
//
// A struct of funcs is a listener of everything: a nil func ignores its kind. The log is one
// listener, counters are another, and a test that prints what happens is a third. Events are
// rare: what happens for each record or row is counted where it happens, and is no event.
//
// The package is a leaf: it imports nothing of the module.
package hooks
