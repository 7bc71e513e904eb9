// Package lease lets a member of a consumer group write only while it is a member.
//
//	Lease      is valid until a margin before the member's session would time out
//	Producer   writes under a lease, down to the bytes of its connections
//
// The package does not decide who renews the lease, or what is written: package group renews it
// with each heartbeat that is answered. It imports kafka and no other package of the write side, so
// a package can write through the producer without knowing the group.
//
// File map: lease.go is the lease, conn.go applies it to bytes, producer.go to records.
package lease
