// Package feed reads the source and the control topic of a partition, and puts what they have in one order.
//
//	Feeder   reads both topics, from one run of the partition to the next
//	Run      what a run has it do: where messages go, what is to be repaired first, what comes before the next record
//	Gate     keeps the source from being read behind a record that waits for other partitions
//
// What is to be folded goes into the queue of package pending; the message that is sent has nothing but its offset.
// First come repairs, then what an earlier run has left, then new records. A control record goes behind every source
// record that was fed before it: that is the cut of a barrier.
//
// What holds:
//
//	Each record is fed once a run, in the order of the offsets. The records behind one that cannot be decoded now wait.
//	Control records go on while the source is held, and the source goes on while control records have no room.
//	The source is read on only as long as the queue takes what is read.
//	A feeder that is stopped leaves what it could not queue unread: the next run reads it again.
//
// One goroutine feeds; between two runs the goroutine that begins and ends them uses the feeder. Queues and gate are shared, and
// safe. The package knows entries and events, and neither goka nor what is done with either.
//
// File map: options.go says what it needs, feeder.go is the order, send.go makes messages, source.go and control.go read
// the topics, waiting.go waits at a record, gate.go waits for other partitions, firstend.go notes when the source was
// first read to its end; metrics.go has what is counted.
package feed
