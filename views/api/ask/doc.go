// Package ask reads what a request asks for, and says what is wrong with it: parameters,
// forms, keys, and the headers of positions that a read waits for.
//
//	parameters.go               parameters of calls that take few of them, or none
//	form.go                     parameters in a body; bodies and their bound
//	key.go                      keys in a path
//	lookup.go, keyjson.go       keys in the body of a lookup
//	wait.go                     Tidemark-Wait and the positions that it waits for
//	source.go, sourcetext.go    positions in the logs of databases, read and written
//	place.go                    ids of events, which streams go on behind
//
// Filters and what else rows are asked for by is views/query's. Nothing here knows tables
// that are served, or writes answers. It may import tables, views/query and
// views/api/problem.
package ask
