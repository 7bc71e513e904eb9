// Package peers makes the death of an instance known at once.
//
//	Open    listens on an address
//	Watch   keeps a connection to each other member of a consumer group
//
// It knows addresses, client ids and one group's members, and nothing of what the members do:
// whoever joins the group marks its client id (Watch.Mark), and the group itself moves what a dead
// member had. It imports nothing else of the write side.
//
// File map: watch.go opens, looks for members and closes; connections.go are those that are open;
// serve.go is the port that others connect to; stay.go keeps the connection to one member;
// proof.go dials, proves a death and evicts the dead; name.go tells one process from another.
package peers
