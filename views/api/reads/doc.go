// Package reads has the handlers of reads of rows: by key and by filter.
//
//	handlers.go           what they work with
//	row.go, lookup.go     rows by key
//	rows.go, reading.go   rows by filter
//	page.go, cursor.go    a page of them, and where the next one begins
//	same.go               reads that wait until their answer is another one
//	problems.go           what they cannot answer
//
// What a filter means is views/query's, and what rows look like is views/api/render's. It may
// import the rooms of views/api below handlers, and no handlers.
package reads
