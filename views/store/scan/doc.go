// Package scan finds the rows of one version that meet a query's filter, and passes them to sinks, a block at
// a time and on several cores. Packages paging and aggregate are the sinks.
//
// It may import filter, versions (mvcc), forms of values (column), queries, and stop.
//
//	plan.go       where rows can be: keys, spans of the sort key, an index
//	index.go      rows by an index; delta.go entries of the delta by a range
//	span.go       ranges of rows, by block
//	scan.go       what a query reads, and how much it has read
//	match.go      rows of a block that are alive and meet the filter
//	walk.go       blocks of base and delta, on several cores
//	indexed.go    scattered rows
//	zoneorder.go  which parts of a base are read first
//	touch.go      touches values first, so that a loop waits for many rows at once
//	admission.go  long queries ask for admission
package scan
