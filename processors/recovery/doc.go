// Package recovery makes the local state of a partition what its changelog says, before a run begins.
//
//	OpenState    the state on disk, if its position is one of the changelog as it is
//	Recovery     applies the records of the changelog that the state does not have
//	Hole         whether a state that was made of the changelog alone can be all of the table
//
// The caller reads the changelog, from the state's position on: each record is given to Take.
//
// What holds:
//
//	The late record of a writer that had lost the partition is not applied: the key has something newer, which is
//	written to the changelog again (Repairs), behind it.
//	A record that cannot be read is left out, as views do, and what the state has of its key is written again.
//	A row that was given up does not come back by its own late record.
//
// One goroutine uses a Recovery: the one that recovers, and once that is over the one that folds. It imports the local
// state, our own bytes (codecs/wire) and where a row comes from (package rowwriter); it knows neither goka nor what a change becomes.
//
// File map: open.go opens the state, recovery.go applies records, deletion.go those that are deletions, late.go recognises late
// ones, hole.go finds out what the changelog has lost.
package recovery
