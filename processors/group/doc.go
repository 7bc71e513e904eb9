// Package group is the membership of a process in a table's consumer group. It reports who
// owns a partition, and lets the owner write.
//
//	Member       takes part in the group, across its cooperative rebalances
//	Handler      receives each partition that the group assigns to this member
//	Assignment   is such a partition, until it is revoked
//
// The group is a consumer group of sarama. Only its assignments are used: its messages are
// not fetched. Each session in the group has a producer under a lease, and heartbeats on a
// connection of their own renew the lease. The package does not know what the work of a
// partition is, or where its rows go: the handler decides. It imports processors/lease, and of the table's
// bytes only the progress records, which say what last processed a partition.
//
// File map: member.go joins and reports the group's decisions, options.go opens it; session.go is
// one membership with its producer, heartbeat.go renews its lease; assignment.go is a partition of
// the handler, takeover.go finds the offset where it starts, owners.go reads what last processed it.
package group
