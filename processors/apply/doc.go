// Package apply folds changes into the rows of a partition.
//
//	Applier     for one run of the partition: state, row writer, and what the fold must know
//	Apply       folds the change of an entry
//	FoldLate    folds an insert once more whose before-image has come after its row was served
//	Retry       folds a dead letter that is tried again, unless something newer of its key is known
//	Repair      writes what the state has of a key to the changelog again
//
// Package fold, a pure function, decides what a change does to a row. This package finds its input: what is known
// of the key (lookup.go), and when that must be looked up at all (Applier.mustLook). In the steady state no event costs
// a read.
//
// What holds:
//
//	Everything is folded by one goroutine, in the order of offsets, and each row is written under its own offset:
//	a record that comes again, or late, loses against a newer one.
//	A row that is too large for the topics is a dead letter, and the row before it stays.
//	A deletion is written also where there is no row: after a failed produce the changelog may have it.
//
// It imports the writer of rows and the local state; truncates and changes of key are interfaces. It knows neither goka
// nor how records are read.
//
// File map: options.go says what it needs, apply.go decides, write.go writes row or tombstone, lookup.go reads what is
// known, lastdeletion.go is the deletion that was met last, inserts.go folds rows that went on under another key, retry.go dead
// letters, repair.go writes again; metrics.go has what is counted.
package apply
