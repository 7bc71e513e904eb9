// Package schemacolumns finds the columns that the schema of a source's records tells, for tables whose
// definition takes them from there (columns_from: schema).
//
//	read.go   the newest records' schema, and the definition that it makes of a declaration
//	whole.go  whether a definition has all that it names
//
// It reads and changes nothing but the source topic. What a definition becomes by it, and when,
// is package rollout's.
package schemacolumns
