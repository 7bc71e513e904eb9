// Package truncate empties a table when its source is truncated.
//
// A truncate is an event in one partition of the source that empties all partitions. Its own
// partition asks the others by control records, and reads nothing more until each has
// confirmed. Only then does it remove its own rows and continue: a reader that sees the
// truncate's position reflected sees an empty table. The other partitions keep the truncate
// as a watermark, because they may read events from before it later than the request.
//
//	Truncates              the truncates that a partition knows of, for one run
//	Meet                   handles a truncate of the partition's own source
//	Outlived, Before       report whether a change is from before a truncate that was met already
//	Waits                  reports the truncate that others have not confirmed yet
//
// Where the source's records are repartitioned by their keys, a truncate is in every partition, at its
// offset among the changes. Then no partition asks another (repartitioned.go).
//
// Invariants:
//
//	A truncate is stored in the state before a row is removed for it, and again in the control topic.
//	Rows that an interrupted attempt removed, but whose tombstones never reached the changelog, are
//	written as tombstones again.
//	Later changes of a row never look like a replay, and a replay brings no row back (remove.go).
//
// One goroutine, the one that folds, owns a Truncates. The package imports the local state, the control bus, and
// the row writer's types. The writer itself is an interface. The package knows neither goka nor how records are read.
//
// File map: options.go has what it needs, truncates.go has the known truncates, own.go empties the table for one of
// this partition, others.go for one of another partition, repartitioned.go for one that every partition has, remove.go
// removes the rows, order.go compares events with a truncate, metrics.go counts them.
package truncate
