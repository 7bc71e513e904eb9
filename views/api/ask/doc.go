// Package ask reads what a request asks for, and says what is wrong with it: parameters,
// bodies, keys, and the headers with positions that a read waits for.
//
//	parameters.go               parameters of calls that take few of them, or none
//	form.go                     parameters in a body; bodies and their size limit
//	key.go                      keys in a path
//	lookup.go, keyjson.go       keys in the body of a lookup
//	wait.go                     Tidemark-Wait and the positions that it waits for
//	source.go, sourcetext.go    positions in the logs of databases, read and written
//	place.go                    ids of events, after which streams resume
//
// Package views/query reads filters and the other parameters of row queries. This package
// does not know which tables are served, and writes no answers. It may import tables,
// views/query and views/api/problem.
package ask
