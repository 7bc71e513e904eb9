// Package evolve compares two definitions of a table, says what a change from one to the
// other costs, and converts state rows of the old definition to rows of the new one.
package evolve
