// Package drift detects that the schema of a source's records differs from the table's
// declaration, or from the schema of earlier records.
//
// It looks at a sample of the records. From each it takes the names of the row's members,
// their types (from the schema where there is one, else the kinds of the JSON values), the
// members of the key, and the name of the source's table.
//
//	shape.go    what one record says
//	row.go      where the row is in each format
//	tracker.go  the differences, as lines for people
package drift
