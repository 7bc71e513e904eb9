// Package replica is one state of a table with the goroutine that keeps it current: rows in
// memory (package store), rows on disk (package rows), and the positions of both (package
// progress). One goroutine, the writer, changes them by the records of the changelog. A view
// has one replica, and a second one during a rebuild. A replica knows its view by the
// interface View only, and the state that all replicas of a view share by Shared.
//
//	shared.go replica.go   what replicas share and ask of their view; a replica
//	run.go                 what runs while it is current
//	origin.go              where the first rows come from, and why they must be rebuilt
//	new.go snapshots.go    makes the first rows: from a file, the rows on disk, the snapshot topic, or empty
//	feed.go item.go        records of the changelog, on their way to the writer
//	writer.go group.go     the writer's state; how it makes a group of records durable and visible
//	guard.go               records that come late
//	settle.go left.go      records of keys of which several partitions have a row or a deletion
//	hold.go                rows that are held back from readers
//	arrive.go              waits until a replica reaches a position
//	seal.go                batches that its rows match, or differ from
//	follow.go              changes, for clients that follow the table, and rollups
//	document.go            documents of the rows on disk
//	otherschema.go         keys whose row was written with other columns
package replica
