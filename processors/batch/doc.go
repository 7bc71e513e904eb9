// Package batch cuts batches out of a table while it is written: a cut of every partition,
// the rows that changed since the partition's last batch, and a manifest that says where it all
// stands.
//
//	Request     asks for a batch of a table
//	Scheduler   begins batches when they are due, and removes the manifests of old ones
//	Catalog     knows the manifests that there are
//	Cutter      takes the cut of a partition, in its place among the changes
//	Emitter     writes the snapshot records and the manifest of a cut, in the background
//
//	barrier (control topic) -> Cutter: cut -> waiting cuts -> Emitter: snapshot topic, batches topic
//
// What holds:
//
//	A barrier needs no repetition once the state has kept what it asks for. Nothing waits
//	behind a batch.
//	Of cuts that wait, only the newest is kept: it has all that they would have.
//	A batch that was interrupted is taken again, whoever owns the partition then.
//	Dirty marks are cleared only when the manifest is acknowledged.
//
// The goroutine that folds owns a Cutter, but for Due, which is the feeder's. An Emitter has a goroutine
// of its own. The two share the cuts that wait.
//
// It imports the local state, our own bytes (codecs/wire), the control bus and kafka. It knows neither goka, nor how
// records are read, nor the group: the writer of rows, the producer and the clock are given to it.
//
// File map: options.go says what a partition's batches need, cutter.go takes cuts, waiting.go keeps those that
// wait, emitter.go tries until one is emitted, emission.go is one batch of one partition, count.go counts its rows, inflight.go bounds
// what is on its way; catalog.go, barriers.go and request.go read what is there and begin batches, schedule.go says
// when one is due, scheduler.go and overdue.go look after a table's batches, retention.go ends old ones; metrics.go
// has what is counted.
package batch
