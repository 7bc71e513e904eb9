// Package render writes answers: the formats of rows, and what they have in common.
//
//	format.go, accept.go         which format a client asks for
//	mediatypes.go
//	list.go                      pages of rows in JSON
//	ndjson.go, csv.go            streams of rows as text
//	arrow.go, parquet.go         streams of rows by column
//	source.go                    the rows that are written
//	shape.go, scalar.go          a row, and values, in JSON
//	sink.go, gzip.go             a body that is streamed, and compressed
//	etag.go                      entity tags of answers
//
// A format is a file and a line in Formats. Nothing here knows requests except their headers,
// or the tables that are served. It may import tables, views/query, views/store and
// views/api/problem.
package render
