// Package lease lets a member of a consumer group write only while it is one.
//
//	Lease      holds until a margin before the member's session would time out
//	Producer   writes under a lease, down to the bytes of its connections
//
// Who renews the lease, and what is written, is decided elsewhere: package group renews it
// with each heartbeat that is answered. It imports kafka and nothing else of the write side, so
// whatever writes can have the producer without knowing the group.
//
// File map: lease.go is the promise, conn.go keeps it for bytes, producer.go for records.
package lease
