// Package aggregate answers queries with aggregates.
//
// It may import scan, versions (mvcc), forms of values (column), queries, and stop.
//
//	query.go        the groups of each goroutine, merged
//	sink.go         receives rows: by direct counts, or in the general way
//	direct.go       direct counts: whole blocks, by a column with few values; directloops.go has the loops
//	group.go        the general way: groups of rows; batch.go the rows of a block
//	coder.go        numbers for values, and for pairs
//	outputs.go      the accumulators that a query needs
//	accumulator.go  one aggregate of every group
//	counts.go, sums.go, floats.go, extremes.go, distinct.go  the accumulators
//	unrolled.go     counts and sums of few groups, in unrolled loops
//	rows.go         the groups as rows, in order
package aggregate
