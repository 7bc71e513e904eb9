// Package gokaglue runs a goka.Processor for one life of a partition. It is the only package
// of the write side that uses goka.
//
//	Run        recovers the table, then calls back for one message after the other
//	Options    what goka is given: topics, clients, the local state, and the callbacks
//	Message    a message as a callback sees it
//
// Goka recovers the table, orders the callbacks, tracks the acknowledgements and stops in
// order. It does not write rows: package rowwriter writes them to the state and the
// changelog, with Message.DeferCommit as the acknowledgement.
//
// Small types here replace what goka would build itself: the group, the topic manager, the
// storage, the producer, and the consumer that recovers the table.
//
// The package imports the local state and the log reader of package kafka. It knows neither
// rows nor events.
//
// File map: run.go builds and runs the processor, message.go makes the callbacks, state.go is
// its storage, producer.go its producer, sologroup.go its consumer group, topics.go its topic
// manager, recovery.go ends a recovery that waits for records that do not exist.
package gokaglue
