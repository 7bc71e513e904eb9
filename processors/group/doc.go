// Package group is the membership of a process in the consumer group of its installation. It reports who
// owns a partition of a table, and lets the owner write.
//
//	Member       takes part in the group, across its cooperative rebalances
//	Table        is a table's part in it, which comes and goes while the member stays
//	Handler      receives each partition of a table that the group assigns to this process
//	Assignment   is such a partition, until it is revoked
//
// The group is a real one, by Kafka's classic protocol. Only its assignments are used: of the changelogs' partitions, whose
// messages are not fetched by it. Offsets are committed to a group of each table's own, which has no members. A membership has
// one producer under a lease, which its heartbeats renew. The package does not know what the work of a
// partition is, or where its rows go: the handler decides. It imports processors/lease, and of the table's
// bytes only the progress records, which say what last processed a partition.
//
// File map: member.go has the tables and claims of a process, options.go opens it; rounds.go joins and learns what the group
// decides, protocol.go has the requests, subscription.go their bytes, share.go the leader's decision; session.go is one membership
// with its producer and heartbeats; table.go waits for members of older versions; claim.go is a partition in the hands of its handler,
// assignment.go what the handler has of it; offsets.go commits, takeover.go finds the offset where it starts, owners.go reads what
// last processed it, look.go asks once for all partitions.
package group
