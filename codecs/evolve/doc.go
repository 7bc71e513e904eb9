// Package evolve compares two definitions of a table, says what it costs to go from one
// to the other, and makes rows of the new one from state rows of the old.
package evolve
