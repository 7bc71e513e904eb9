// Package api is the HTTP face of the live tables: rows by key and by filter, changes,
// batches, health, metrics, and the OpenAPI document of all of it. It has the list of routes
// and wires the rooms below it, which DESIGN.md draws.
//
//	api.go, options.go, server.go   what is made of which options, and the server of it
//	routes.go                       every route, one line each
//	describe.go, health.go          tables, and whether they can be read
//	batches.go, batchfile.go        batches, and their files
//	replay.go                       tables that are built anew
//
//	problem   what an answer says of a mistake
//	ask       what a request asks for
//	render    the forms that answers come in
//	guard     who is let in, and how many at once
//	live      the tables that are served, as interfaces that their views implement
//	web       a call's way from a route to the one writer of answers
//	reads     handlers: rows by key and by filter
//	streams   handlers: changes as server-sent events
//	openapi   the document
//
// A handler returns (web.Answer, error); it never writes. This package may import views/query
// and its rooms; a room may import what stands above it in this list, and handlers know no
// other handlers.
package api
