// Package problem has what an answer says when a request was wrong or could not be
// answered: the members of RFC 9457's problem details, and the problems that more than one
// package reports.
//
//	details.go     a problem, and its JSON
//	badrequest.go  requests that are not well formed; the kinds that are treated apart
//
// It is a leaf of views/api: each package makes its own problems of it, and it knows neither
// requests nor tables. It may import tables and views/query only.
package problem
