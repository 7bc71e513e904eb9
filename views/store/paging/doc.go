// Package paging answers queries without aggregates: the first rows of an order, or all of them.
//
// It may import scan, filter (to skip what comes after the last row kept), versions (mvcc), forms of
// values (column), queries, and stop.
//
//	query.go      the way to the first rows
//	rows.go       a query in execution; page.go its answer
//	stream.go     answers in parts
//	inorder.go    the base in its order; sorted.go how much of a query's order that covers
//	byindex.go    the base in the order of an index
//	limitby.go    the first rows of each group, by spans of the sort key
//	sinks.go      receives rows; narrow.go skips those after the last one kept
//	collector.go  keeps rows; collect.go chooses the collector
//	heap.go       the first rows; grouped.go of each group; runs.go all of them
package paging
