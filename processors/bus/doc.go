// Package bus brings what is to be done between two changes of a partition to whoever does it:
// the control records of its topic, which partitions send each other, and the events that the feeder of a run has
// for the goroutine that folds.
//
//	Record, Handler        a control record, and what deals with the records of a kind
//	Event, EventHandler    an event of the feeder, and what deals with the events of a kind
//	Bus                    the tables kind -> handler
//	Done                   says of a record that it needs no repetition
//
// A record or an event has its place among the changes: all that was fed before it is in the state when it
// is handled, and nothing of what follows. Goka carries both as messages of one topic; an event has an offset
// below zero there, and only this package knows how it is written.
//
// What holds:
//
//	Handlers are called by one goroutine, the one that folds, which a handler must not hold up.
//	A record that nobody has a handler for, or that cannot be read, is done: nothing that it holds ends a run.
//	An event has a handler: one that has none is a mistake of ours, and an error.
//
// Rooms register their handlers themselves (Handle, On), before the first message. The package imports the
// records' bytes (codecs/wire) and nothing else of ours.
//
// File map: record.go is control records, event.go is events, bus.go has the tables.
package bus
