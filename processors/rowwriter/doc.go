// Package rowwriter writes the rows of one partition: it writes the local state and the
// changelog together. Nothing else writes either of them while a run lasts.
//
//	Put        writes a row
//	Delete     writes a deletion, also where there is no row
//	Append     writes a changelog record of what the state has already
//	Send       writes a record of another topic, under the same rule for the first failure
//	Boundary   reports when everything sent before is acknowledged, and the changelog's cut there
//	Acks       combines several acknowledgements into one
//
// Invariants:
//
//	The state is written first, then the changelog: the state may be ahead, never behind.
//	Row, dirty mark, position and guard are one write of the state (package state).
//	The caller gives an acknowledgement, which is called exactly once: with nil when the
//	changelog's record is acknowledged, with the error when the state or the changelog fails.
//	After the first failure nothing more is accepted.
//	Acknowledged offsets of the changelog are contiguous. A gap means that there is another
//	writer, and ends the run.
//
// Put, Delete, Append, Room and Keep are for one goroutine, the one that folds. Any goroutine
// may call the others. Acknowledgements come on the producer's goroutine, which must not wait.
//
// The package imports the local state and our own bytes (codecs/wire). It knows neither events
// nor goka: the caller decides what a change becomes. The producer is an interface, since it
// belongs to the group's session.
//
// File map: writer.go writes, record.go makes a changelog record, log.go follows the acknowledgements,
// acks.go combines them, arena.go is the memory of rows in flight.
package rowwriter
