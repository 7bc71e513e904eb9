// Package render writes answers: the forms that rows come in, and what they have in common.
//
//	format.go, accept.go         which form a client asks for
//	mediatypes.go
//	list.go                      pages of rows in JSON
//	ndjson.go, csv.go            streams of rows as text
//	arrow.go, parquet.go         streams of rows by column
//	source.go                    where rows come from
//	shape.go, scalar.go          a row, and values, in JSON
//	sink.go, gzip.go             a body that grows, and leaves compressed
//	etag.go                      tags of answers
//
// A form is a file and a line in Formats. Nothing here knows requests but for their headers,
// or tables that are served. It may import tables, views/query, views/store and
// views/api/problem.
package render
