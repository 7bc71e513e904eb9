// Package drift notices that the records of a source are of another schema than their
// table is declared for, or than they were.
//
// It looks at a few records, never at all: what a record says of its row's members (their
// names, their types where there is a schema, else the kinds of their JSON), the members
// of its key, and the source's table.
//
//	shape.go    what a record says
//	row.go      where the row stands in each format
//	tracker.go  what is different, as lines for people
package drift
