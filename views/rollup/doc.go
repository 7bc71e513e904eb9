// Package rollup keeps aggregates over a table's rows exact while they change.
//
// Each group has what its measures need to take a row out again: the number of rows,
// for each column that is added up the exact sum and the number of values, and for each
// column that is asked for its extremes or its different values all of them, counted and
// in order. A change takes the old row out and puts the new one in; so an update, a
// delete, a row that comes again and a late event are all the same, and what an event says
// of the row before it is never believed.
package rollup
