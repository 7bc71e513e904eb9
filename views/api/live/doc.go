// Package live has the tables that are served: what each is made of, as interfaces that its
// view implements, and what is computed once for all answers from it.
//
//	table.go        a table: its reader, its progress, what pages pin, its changes
//	status.go       how far it is, and how it stands to the source
//	batch.go        its complete batches
//	generation.go   how it is built anew beside itself
//	served.go       a table with its texts; all tables by name, as they are read now
//	read.go         the state that a request reads, and kept documents
//	wait.go         a read that waits for a position
//	provenance.go   the headers that say what an answer was read from
//
// It may import what requests ask for and what answers are made of (ask, render, problem),
// but for handlers of requests it is a leaf.
package live
