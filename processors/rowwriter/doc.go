// Package rowwriter writes the rows of one partition: the local state and the changelog, as
// one thing. Nobody else writes either of them while a run lasts.
//
//	Put        a row
//	Delete     a deletion, also where there is no row
//	Append     a changelog record of what the state has already
//	Send       a record of another topic, under the same rule of the first failure
//	Boundary   tells when everything sent before is acknowledged, and the changelog's cut there
//	Acks       tells once of several acknowledgements
//
// What holds:
//
//	The state is written first, then the changelog: it may be ahead, never behind.
//	Row, dirty mark, position and guard are one write of the state (package state).
//	Whoever writes gives an acknowledgement, which is called exactly once: with nil when the
//	changelog's record is acknowledged, with the error when the state or the changelog fails.
//	After the first failure nothing more is accepted.
//	Acknowledged offsets of the changelog follow each other without a hole. A hole is another
//	writer, and ends the run.
//
// Put, Delete, Append, Room and Keep are for one goroutine, that which folds. All else may be
// called by any. Acknowledgements come on the producer's goroutine, which must not wait.
//
// It imports the local state and our own bytes (codecs/wire), and knows neither events nor
// goka: what a change becomes is decided before. The producer is an interface, since it
// belongs to the group's session.
//
// File map: writer.go writes, record.go makes a changelog record, log.go follows the acknowledgements, acks.go
// gathers them, arena.go is the memory of rows on their way.
package rowwriter
