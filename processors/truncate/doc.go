// Package truncate empties a table when its source is truncated.
//
// A truncate stands in one partition of the source and empties them all. Its own
// partition asks the others by control records, reads nothing more until each has
// confirmed, and only then removes its own rows and goes on: whoever sees the
// truncate's position reflected sees an empty table. The others keep it as a
// watermark, for they may read events from before it later than the request.
//
//	Truncates              the truncates that a partition knows of, for one run
//	Meet                   a truncate of the partition's own source is met
//	Outlived, Before       whether a change is from before a truncate that was met already
//	Waits                  the truncate that others have not confirmed yet
//
// Where the source's records are placed by their keys, a truncate stands in every partition, in its place
// among the changes: nobody is asked then (placed.go).
//
// What holds:
//
//	A truncate is kept in the state before a row is removed for it, and again in the control topic.
//	What an attempt has removed whose tombstones never reached the changelog is written again.
//	Later changes of a row never look like a replay, and a replay brings no row back (remove.go).
//
// One goroutine, that which folds, owns a Truncates. It imports the local state, the control bus, and the writer's
// words; the writer itself is an interface, and it knows neither goka nor how records are read.
//
// File map: options.go says what it needs, truncates.go knows the truncates there are, own.go empties the table for one of
// this partition, others.go does so for one of another partition, placed.go for one that every partition has, remove.go
// removes the rows, order.go compares events with a truncate, metrics.go counts them.
package truncate
