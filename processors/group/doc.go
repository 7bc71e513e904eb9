// Package group is the membership of a process in a table's consumer group: it tells who
// owns a partition, and lets its owner write.
//
//	Member       takes part in the group, across its cooperative rebalances
//	Handler      is told of each partition that the group gives to this member
//	Assignment   is such a partition, until it is taken away
//
// The group is a real one of sarama, whose assignments alone are used: its messages are neither
// fetched nor read. Each session in it has a producer under a lease, which heartbeats on a
// connection of their own renew. What a partition's work is, and where its rows go, is not known
// here: the handler decides. The package imports processors/lease, and of the table's bytes only
// the progress records, which tell what a partition was last processed with.
//
// File map: member.go joins and hands on what the group says, options.go opens it; session.go is
// one membership with its producer, heartbeat.go renews its lease; assignment.go is a partition in
// the handler's hands, takeover.go finds where it begins, owners.go what it was last processed with.
package group
