// Package openapi describes the API as an OpenAPI document (3.1), made from the routes and
// the tables: each table has paths and a schema of its own.
//
//	document.go     the document
//	paths.go        the paths of a route for each table
//	parameters.go   parameters and headers of an operation
//	responses.go    answers of an operation
//	schema.go       rows, tables, batches, problems
//
// It reads routes and answers no call. It may import the packages of views/api that handlers
// may import.
package openapi
