// Package aggregate answers queries with aggregates.
//
// It may import scan, versions (mvcc), forms of values (column), queries, and stop.
//
//	query.go        groups of each goroutine, merged
//	sink.go         what takes rows: the tally, or the general way
//	direct.go       the tally: whole blocks by a column of few values; directloops.go its loops
//	group.go        the general way: groups of rows; batch.go the rows of a block
//	coder.go        numbers for values, and for pairs
//	outputs.go      which accumulators a query wants
//	accumulator.go  one aggregate of every group
//	counts.go, sums.go, floats.go, extremes.go, distinct.go  those that there are
//	unrolled.go     counts and sums of few groups
//	rows.go         the groups as rows, in order
package aggregate
