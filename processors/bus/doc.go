// Package bus delivers work that belongs between two changes of a partition to its
// handler. Such work is a control record, which partitions send each other through the
// control topic, or an event that the feeder of a run has for the goroutine that folds.
//
//	Record, Handler        a control record, and the handler of records of one kind
//	Event, EventHandler    an event of the feeder, and the handler of events of one kind
//	Bus                    the tables kind -> handler
//	Done                   says that a record needs no repetition
//
// A record or an event is handled in order with the changes: everything that was fed before it is
// in the state when it is handled, and nothing that follows is. Goka carries both as messages
// of one topic. An event has an offset below zero there, and only this package knows how it
// is encoded.
//
// Invariants:
//
//	Handlers are called by one goroutine, the one that folds. A handler must not block it.
//	A record without a handler, or one that cannot be read, is done: no record ends a run.
//	An event without a handler is an error: it is a defect of the program.
//
// Packages register their handlers themselves (Handle, On), before the first message. The
// package imports the records' bytes (codecs/wire) and no other package of ours.
//
// File map: record.go has control records, event.go has events, bus.go has the tables.
package bus
