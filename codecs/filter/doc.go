// Package filter compiles a table's where, the condition that selects the rows which
// are served: text becomes a tree, and the tree a function of a row's values.
package filter
