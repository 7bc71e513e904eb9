// Package events says what happens on the write side: one struct for each kind of event, with
// what is to be known of it, and the line of the log that it makes. A Listener has a func for
// each kind. The log is a listener (Log), the metrics are one, and tests that print what
// happens are a third.
//
//	listener.go   Listener, and what makes listeners
//	scope.go      events of one partition, and how they get its number
//	process.go    a table in this process, its group and its peers
//	partition.go  a partition: taken, run, waiting, given back
//	recovery.go   state and changelog: set aside, recovered, mended
//	rows.go       changes that are not just folded: truncates, changes of key, dead letters
//	batches.go    batches
//	filling.go    partitions that are filled from an older generation
//	repartition.go records that are repartitioned by key
//
// What happens for each event of the source that is folded is counted where it happens, and is
// none of these. The package is a leaf of the write side.
package events
