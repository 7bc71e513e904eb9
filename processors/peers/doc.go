// Package peers detects the death of an instance at once.
//
//	Open    listens on an address
//	Watch   keeps a connection to each other member of a consumer group
//
// It knows addresses, client ids and the members of one group, and nothing of their work.
// The code that joins the group marks its client id (Watch.Mark). The group itself moves the
// partitions of a dead member. The package imports no other package of the write side.
//
// File map: watch.go opens, looks for members and closes; connections.go has the open
// connections; serve.go is the port that others connect to; stay.go keeps the connection to one
// member; proof.go dials, proves a death and evicts the dead member; name.go distinguishes processes.
package peers
