// Package problem has what an answer says when a request was a mistake or could not be
// answered: the members of RFC 9457's problem details, and the problems that more than one
// room tells of.
//
//	details.go     a problem, and its JSON
//	mistakes.go    requests that are not well formed; the kinds that are treated apart
//
// It is a leaf of views/api: each room makes its own problems of it, and it knows neither
// requests nor tables. It may import tables and views/query only.
package problem
