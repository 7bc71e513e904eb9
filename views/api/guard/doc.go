// Package guard protects the API against hostile clients, pages of other sites, and overload.
//
//	cors.go                     which origins' pages may read an answer
//	site.go                     requests that another site sent, or that name another host
//	gate.go, ticket.go          the limit of heavy reads at a time, and the queue for it
//	requestid.go                a client's request id, when it is safe for a log
//	unsent_*.go                 what the kernel buffers for a slow client
//
// It looks at requests and connections only, not at what they ask for. Tokens and their
// permissions belong here, too. It may import views/api/problem and views/query (to quote
// names).
package guard
