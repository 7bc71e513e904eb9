// Package deadletter keeps the records of a source that cannot be used, until an operator
// retries or drops them.
//
//	Record      makes the dead letter of a record
//	List, All   the dead letters of a table that are not settled, and all of them; Count estimates their number
//	Settle      asks the owners of the partitions to retry or drop dead letters, and waits for their answers
//	Retrier     the owner's side
//	Keep        copies the dead letters of the previous generation
//
//	tidemark deadletters -> Settle -> control record -> Retrier -> answer in the dead letters' topic -> Settle
//
// Invariants:
//
//	A record is committed only after its dead letter is acknowledged. The dead letter has the
//	record's bytes unchanged.
//	A dead letter that is retried has its own source offset, so a newer change of its key wins.
//	It is refused where nothing proves that it is current.
//	A request is done when all its answers are written. A repeated request finds its own rows.
//
// The package does not fold a dead letter: the run does, and reports the result
// (Try.Resolve). The goroutine that folds calls a Retrier. Records are read in the
// background. The package imports the control bus and the row writer's types.
//
// File map: entry.go is a dead letter and how it is read, headers.go has its headers and the
// results, write.go makes one, list.go, count.go and settle.go are for operators, retry.go
// answers requests, load.go reads the original record, keep.go is for generations, metrics.go has the metrics.
package deadletter
