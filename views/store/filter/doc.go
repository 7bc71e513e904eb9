// Package filter compiles a query's filter, and applies it to a block of 1,024 values at a time. It works on
// columns. It knows neither rows, keys nor versions: it gets a base's columns directly, and those of a delta
// by Delta. The planner of a scan looks at the Condition for keys, ranges and values. The reader of rows
// refines masks by a Predicate.
//
// It may import forms of values (column), queries, and stop.
//
//	condition.go  conditions in negation normal form, and tests of one column
//	compile.go    a query's filter becomes a condition
//	leaves.go     comparisons, lists, patterns and nulls become tests
//	search.go     whether preparing a condition is expensive
//	predicate.go  a condition prepared for rows: and, or, constants
//	base.go       tests over a base's columns, by codes and packed words
//	packed.go     ranges and sets of packed integers
//	delta.go      tests over the columns of a delta
//	zone.go       blocks that their least and largest values exclude
package filter
