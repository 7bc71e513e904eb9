// Package bootstrap fills a partition of a new generation of a table from the generation before it, before anything
// else is done with the partition. Package seed says how (the plan), and reads what the older generation has.
//
//	Partition    whether a partition is to be filled, and how far that is, for as long as this process owns it
//	Filling      the part of one run in it
//	Table        whether all partitions of a table are filled
//
//	carry          older changelog -> Rewriter -> state and changelog, record by record -> live
//	adopt, sweep   older changelog -> Rewriter -> older rows of the state
//	               -> the source is read again, which is folded as usual -> the older rows are looked at -> live
//
// What holds:
//
//	Nothing of an older row is in front of what was read for it: a newer event is folded before the older rows are
//	looked at, and then wins, or after it, and then wins.
//	How far the filling is, is written to the progress topic. It says live after every acknowledgement of what was written, and
//	never before: the next owner of a partition that is not live goes on with it.
//	A plan that cannot be is refused there, too, with the reason (seed.Refuses), so that another one can be made.
//
// Partition belongs to the claim; its methods without a context may be called by any goroutine of a run. A Filling is used by three:
// Fill and then the goroutines that fold (Register), feed (Due, End, LookForEnd), and tick (Tell). The source, the
// row writer and the dead letters are interfaces and functions that are given to it: it knows neither goka nor runs.
// It imports the plan (package seed), the local state, the row writer's words, the control bus, and package recovery,
// which knows what to make of a late record.
//
// File map: options.go says what it needs, partition.go what is known of a partition, tell.go reports it to others, open.go finds it out;
// filling.go is a run's part, fill.go does it by carry.go or keep.go; carry.go carries rows; keep.go begins a replay, keeping.go keeps the older rows for it, with doubles.go
// where partitions come together, replay.go ends it, repartitionend.go finds its end where records are repartitioned by their keys, adopt.go
// takes older rows over; table.go asks for all partitions; metrics.go is what is counted.
package bootstrap
