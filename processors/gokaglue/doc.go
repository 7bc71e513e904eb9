// Package gokaglue runs a goka.Processor for one life of a partition, and is the one place of
// the write side that names goka.
//
//	Run        recovers the table, then calls back for one message after the other
//	Options    what goka is given: topics, clients, the local state, and what is called back
//	Message    a message as a callback sees it
//
// Goka recovers the table, orders the callbacks, tracks the acknowledgements and stops in
// order. It does not write: rows go to the state and the changelog beside it (package
// rowwriter), with Message.DeferCommit as the acknowledgement.
//
// What it would build for itself is replaced by small types here: the group, the topic
// manager, the storage, the producer and the consumer that it recovers with.
//
// It imports the local state and the log reader of package kafka, and knows neither rows nor
// events.
//
// File map: run.go builds and runs the processor, message.go makes the callbacks, state.go is
// its storage, producer.go its producer, sologroup.go its consumer group, topics.go its topic
// manager, recovery.go ends a recovery that waits for what is not there.
package gokaglue
