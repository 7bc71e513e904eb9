// Package filter compiles a table's where clause, the condition that selects the rows
// that are served: the text becomes a tree, and the tree a function of a row's values.
package filter
