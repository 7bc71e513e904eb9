// Package api serves the live tables over HTTP: rows by key and by filter, changes,
// batches, health, metrics, and the OpenAPI document of all of it. It has the list of routes
// and wires the packages below it, which DESIGN.md draws.
//
//	api.go, options.go, server.go   the API, its options, and its server
//	routes.go                       every route, one line each
//	describe.go, health.go          tables, and whether they can be read
//	batches.go, batchfile.go        batches, and their files
//	replay.go                       tables that are built anew
//
//	problem   what an answer says about an error
//	ask       what a request asks for
//	render    the formats of answers
//	guard     who is admitted, and how many at once
//	live      the tables that are served, as interfaces that their views implement
//	web       a call's way from a route to the one writer of answers
//	reads     handlers: rows by key and by filter
//	streams   handlers: changes as server-sent events
//	openapi   the document
//
// A handler returns (web.Answer, error); it never writes. This package may import views/query
// and the packages below it. Each of these may import the packages above it in this list, and
// packages of handlers do not import each other.
package api
