// Package deadletter keeps the records of a source that cannot be used, until somebody deals with them.
//
//	Record      the dead letter of a record
//	List, All   the dead letters of a table that are not settled, and those that are; Count says how many, about
//	Settle      asks the owners of the partitions to retry or drop some, and waits for their answers
//	Retrier     the owner's side
//	Keep        takes those of an older generation along
//
//	tidemark deadletters -> Settle -> control record -> Retrier -> answer in the dead letters' topic -> Settle
//
// What holds:
//
//	A record is not committed before its dead letter is acknowledged, which has it as it was read.
//	A letter that is tried again has its own source offset, so what is newer of its key wins. What nothing proves to be
//	current is refused.
//	A request is done when all its answers are written. Repeated, it finds its own rows.
//
// Whatever folds a letter is not here: the run does, and says what has become of it (Try.Resolve).
// The goroutine that folds calls a Retrier; what it reads is read in the background. It imports the control bus
// and the writer's words.
//
// File map: letter.go is a letter and how it is read, headers.go has its headers and the results, write.go makes one,
// list.go, count.go and settle.go are for whoever looks at them, retry.go answers requests, load.go finds the record as it
// once was, keep.go is for generations; metrics.go has what is counted.
package deadletter
