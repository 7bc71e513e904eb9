// Package rollup keeps aggregates over a table's rows exact while they change.
//
// Each group has what its measures need to take a row out again: the number of rows; for
// each summed column the exact sum and the number of values; for each column with extremes
// or distinct values all of its values, counted and sorted. A change takes the old row out
// and puts the new one in. So an update, a delete, a repeated row and a late event are all
// handled alike, and what an event says about the row before it is not used.
package rollup
