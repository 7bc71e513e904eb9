// Package mvcc holds the rows of a table and their versions: an immutable base, a delta that grows behind
// it, and marks on what was superseded. One Writer appends; a Version is what one reader sees, for as long as it
// wants. It answers for single rows: by key, value by value, and which of two comes first. What a query
// wants of many rows is decided above.
//
// It may import forms of values (column), and queries for their orders.
//
//	layout.go      what is known of the table's columns once and for all
//	base.go        the sorted rows; baserow.go reads one of them
//	keyindex.go    keys to rows; indexes.go builds what a base is looked up by
//	delta.go       the changes since; chunk.go a block of them, chunkorder.go in the order of a column
//	tombstones.go  since when rows are superseded
//	generation.go  a base with what happened since, and what one reader sees of it
//	change.go      one record of the changelog; writer.go applies it
//	access.go      values of a row, wherever it lies
//	ordering.go    rows in a query's order
//	hash.go        hashes of keys and rows
package mvcc
