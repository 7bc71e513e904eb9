// Package merge makes a new base from an old one and the changes before a cut, while readers and the writer
// continue, and replays the changes that came later. The callers decide who waits for whom, and what is
// visible when.
//
// It may import versions (mvcc), forms of values (column), and queries for their orders.
//
//	merge.go     what a cut adds and removes, and where the rows of the new base come from
//	build.go     the new base
//	column.go    one column of it; text.go a column of texts
//	replay.go    the changes after the cut
//	twobases.go  the time while two bases are in memory
package merge
