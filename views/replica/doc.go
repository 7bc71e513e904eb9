// Package replica is one state of a table and what keeps it current: rows in memory (package
// store), rows on disk (package rows), how far both are (package progress), and the one goroutine
// that changes them by the records of the changelog. A view has one replica, and for the time of
// a rebuild a second one. A replica knows its view by the interface View alone, and what all
// replicas of a view have in common by Shared.
//
//	shared.go replica.go   what replicas share and ask of their view; a replica
//	run.go                 what runs while it is current
//	origin.go              what the first rows are, and why others must be built in their place
//	new.go snapshots.go    makes the first rows: of a file, the rows on disk, the snapshot topic, nothing
//	feed.go item.go        records of the changelog, on their way to the writer
//	writer.go group.go     the writer's state; how it makes a group of records durable and visible
//	guard.go               records that come late
//	settle.go left.go      records of keys that several partitions have something of
//	hold.go                rows that are held back from readers
//	arrive.go              waits for a replica to come to a place
//	seal.go                batches that its rows prove, or differ from
//	follow.go              changes, for those who follow the table, and rollups
//	document.go            documents of the rows on disk
//	otherschema.go         keys whose row was written with other columns
package replica
