// Package batch takes batches of a table while it is written. A batch has a cut of every
// partition, the rows that changed since the partition's last batch, and a manifest that
// describes them.
//
//	Request     asks for a batch of a table
//	Scheduler   starts batches when they are due, and removes the manifests of old ones
//	Catalog     has the manifests that exist
//	Cutter      takes the cut of a partition, in order with the changes
//	Emitter     writes the snapshot records and the manifest of a cut, in the background
//
//	barrier (control topic) -> Cutter: cut -> waiting cuts -> Emitter: snapshot topic, batches topic
//
// Invariants:
//
//	A barrier is done once the state has stored what it asks for. Nothing waits behind a
//	batch.
//	Of cuts that wait, only the newest is kept: it includes the changes of the others.
//	A batch that was interrupted is taken again by the partition's next owner.
//	Dirty marks are cleared only when the manifest is acknowledged.
//
// The goroutine that folds owns a Cutter, except for Due, which the feeder calls. An Emitter
// has a goroutine of its own. The two share the cuts that wait.
//
// The package imports the local state, our own bytes (codecs/wire), the control bus and
// kafka. It does not know goka, the group, or how records are read. It is given the row
// writer, the producer and the clock.
//
// File map: options.go has what a partition's batches need, cutter.go takes cuts, waiting.go
// keeps those that wait, emitter.go retries until one is emitted, emission.go is one batch of
// one partition, count.go counts its rows, inflight.go limits the records in flight;
// catalog.go, barriers.go and request.go read what exists and start batches, schedule.go says
// when one is due, scheduler.go and overdue.go watch a table's batches, retention.go removes
// old ones, metrics.go has the metrics.
package batch
