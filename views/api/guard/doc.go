// Package guard keeps the API from what strangers, pages of other sites and floods do to it.
//
//	cors.go                     which origins' pages may read an answer
//	site.go                     requests that another site sent, or that name another host
//	gate.go, ticket.go          so many heavy reads work at once; a request's place among them
//	requestid.go                a client's request id, when it is fit for a log
//	unsent_*.go                 what the kernel holds for a slow client
//
// It looks at requests and connections only: what they ask for is not its business. Tokens
// and what they let through belong here, too. It may import views/api/problem and
// views/query (to quote names).
package guard
