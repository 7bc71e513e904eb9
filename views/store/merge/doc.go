// Package merge makes a new base of an old one and the changes before a cut, while readers and the writer
// go on, and replays the changes that came later. Who waits for whom, and what is seen when, is decided
// above.
//
// It may import versions (mvcc), forms of values (column), and queries for their orders.
//
//	merge.go     what a cut adds and takes, and where the rows of the new base come from
//	build.go     the new base
//	column.go    one column of it; text.go one of texts
//	replay.go    the changes that a merge has left
//	gcpacing.go  the collector's pace while two bases are in memory
package merge
