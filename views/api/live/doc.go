// Package live has the tables that are served: the interfaces that a table's view
// implements, and what is computed once for all answers from it.
//
//	table.go        a table: its reader, its progress, snapshots for pages, its changes
//	status.go       its progress, and its freshness
//	batch.go        its complete batches
//	generation.go   how it is built anew beside itself
//	served.go       a table with its precomputed texts; all tables by name
//	read.go         the state that a request reads, and kept documents
//	wait.go         a read that waits for a position
//	provenance.go   the headers that say what an answer was read from
//
// It may import what requests ask for and what answers are made of (ask, render, problem),
// and no package of handlers.
package live
