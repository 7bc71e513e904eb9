// Package paging answers queries without aggregates: the first rows of an order, or all of them.
//
// It may import scan, filter (to pass over what comes behind the last row kept), versions (mvcc), forms of
// values (column), queries, and stop.
//
//	query.go      the way to the first rows
//	rows.go       a query at work; page.go its answer
//	stream.go     answers in parts
//	inorder.go    the base in its order; sorted.go how far that serves a query's
//	byindex.go    the base in the order of an index
//	limitby.go    the first rows of each group, by spans of the sort key
//	sinks.go      what takes rows; narrow.go leaves out those behind the last one kept
//	collector.go  what keeps rows; collect.go which one of them does
//	heap.go       the first rows; grouped.go of each group; runs.go all of them
package paging
