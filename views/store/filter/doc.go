// Package filter compiles a query's filter and decides with it, a block of 1,024 values at a time, which
// rows meet it. It works on columns: it knows neither rows, keys nor versions, and is given a base's columns
// as they are and those of a delta by Delta. Whoever plans a scan looks at the Condition for keys, ranges
// and values; whoever reads rows refines masks by a Predicate.
//
// It may import forms of values (column), queries, and stop.
//
//	condition.go  conditions in negation normal form, and tests of one column
//	compile.go    a query's filter becomes a condition
//	leaves.go     comparisons, lists, patterns and nulls become tests
//	search.go     whether preparing a condition is work by itself
//	predicate.go  a condition made ready for rows: and, or, constants
//	base.go       tests over a base's columns, by codes and packed words
//	packed.go     ranges and sets of packed integers
//	delta.go      tests over the columns of a delta
//	zone.go       blocks that are ruled out by their least and largest values
package filter
