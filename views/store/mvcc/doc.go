// Package mvcc holds the rows of a table and their versions: an immutable base, a delta that grows after
// it, and marks on superseded rows. One Writer appends. A Version is what one reader sees, for as long as it
// holds it. The package answers for single rows: by key, value by value, and which of two comes first. Other
// packages execute queries over many rows.
//
// It may import forms of values (column), and queries for their orders.
//
//	layout.go      what is computed once of the table's columns
//	base.go        the sorted rows; baserow.go reads one of them
//	keyindex.go    keys to rows; indexes.go builds the indexes of a base
//	delta.go       the changes since; chunk.go a block of them, chunkorder.go in the order of a column
//	tombstones.go  the versions at which rows were superseded
//	generation.go  a base with the changes since, and what one reader sees of it
//	change.go      one record of the changelog; writer.go applies it
//	access.go      values of a row, in base or delta
//	ordering.go    rows in a query's order
//	hash.go        hashes of keys and rows
package mvcc
