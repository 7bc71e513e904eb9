// Package reads has the handlers that read rows: by key and by filter.
//
//	handlers.go           what the handlers need
//	row.go, lookup.go     rows by key
//	rows.go, reading.go   rows by filter
//	page.go, cursor.go    a page of them, and where the next one begins
//	same.go               reads that wait until their answer changes
//	problems.go           the errors of reads
//
// Package views/query says what a filter means, and views/api/render what rows look like. It
// may import the packages of views/api that have no handlers.
package reads
