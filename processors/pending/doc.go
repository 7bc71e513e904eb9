// Package pending holds what a partition has read and not finished.
//
//	Entry    a record of the source, or of the control topic, from when it was read until it is done
//	Queue    the entries of a partition from the low watermark on
//
// A queue outlives the runs of its partition: one that begins feeds again what an earlier one has left, and nothing
// is read from Kafka anew. What is done out of order waits for what came before it; an offset is committed when nothing
// before it is left.
//
// What holds:
//
//	The low watermark never goes back, and every offset before it is acknowledged, skipped, or in the dead letters.
//	A queue that is full takes nothing, and one entry may always go in.
//	Each entry is counted once, when it is done. An entry that is done serves another record: nobody keeps it.
//
// One goroutine pushes and one takes; acknowledgements come on a third. The queue's lock is a leaf. Package health is
// the one of the write side that it imports: what an entry counts as is known here.
//
// File map: entry.go is the record and what is to be done with it, queue.go the order, watermark.go up to where
// all is done, counted.go what an entry counts as.
package pending
