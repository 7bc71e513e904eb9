// Package scan finds the rows of one version that meet a query's filter, and gives them to sinks, a block at
// a time and on several cores. What is done with them is the business of paging and aggregate.
//
// It may import filter, versions (mvcc), forms of values (column), queries, and stop.
//
//	plan.go       where rows can be: keys, spans of the sort key, an index
//	index.go      rows by an index; delta.go entries of the delta by a range
//	span.go       ranges of rows, by block
//	scan.go       what a query reads, and what it took
//	match.go      rows of a block that live and meet the filter
//	walk.go       blocks of base and delta, on several cores
//	indexed.go    rows here and there
//	zoneorder.go  which parts of a base are read first
//	touch.go      waiting for memory once
//	admission.go  long queries ask first
package scan
