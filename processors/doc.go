// Package processors is the write side of a table: it reads the CDC events of the
// source topic, folds them into rows, and keeps the group table, its changelog and
// the table's batches.
//
//	Processor      one table in this process; any number of processes share its partitions
//	Status         how far each partition is, and what keeps it from going on
//
// One goka.Processor per partition runs under one cooperative consumer group of
// sarama: a rebalance stops the partitions that move, and no other. The group says
// who owns a partition; messages are read by a consumer of their own.
//
//	source topic -> feed: decode -> goka -> apply: fold -> state (LevelDB)
//	                  |   pending queue       |         -> changelog -> acknowledged
//	                  |<------- done ---------|<-------------------------|
//	                  low watermark -> the group's offset, and the progress topic
//
// What must hold, whatever fails:
//
//	The state and the changelog are the fold of the source partition, in its order.
//	A source offset is committed only when everything before it is acknowledged.
//	The changelog of a partition is written by its owner only: see package lease for who
//	has lost it, package rowwriter for how another writer is noticed, package recovery for how
//	its late records are repaired.
//	A failure of one partition leaves the others alone.
//	No record ends a run: what cannot be used goes to the dead letters, unchanged.
//
// Metrics: tidemark_processor_changes_total{verdict}, skipped_total{reason},
// dead_letters_total, dead_letter_requests_total{result}, moved_rows_total{result}, image_questions_total{result}, truncates_total, repaired_rows_total, given_up_rows_total, lost_records_total,
// failures_total, batch_failures_total, partitions and batch_seconds, all with the label table.
//
// DESIGN.md says why it is so. Package group is the membership, lease what may be written as a member,
// and peers sees other instances die. File map: processor.go starts and ends it all (limit.go and repartition.go look at topics for it), assigned.go takes
// over what the group gives, claim.go supervises a partition, run.go is one life of it (background.go, upkeep.go and doubt.go are of it), callbacks.go is what goka
// calls, by package gokaglue. Packages feed (feeding.go is what a run has it do), intake, pending, apply (handlers.go makes it) and rowwriter are the data's way, and redelivery has
// records read once more; recovery and bootstrap (bootstrap.go) make what a partition begins with, and hole.go has the source read again where the changelog is not whole;
// progress reports how far a partition is, and its health. Package bus brings what partitions ask of each other to the handlers (handlers.go makes them): truncate empties
// them all, keychange carries values along with a change of primary key, deadletter (deadletters.go) keeps dead letters
// and answers for them, outrun (outruns.go) gives rows up that another partition has a later change of, and batch (batches.go) cuts batches.
package processors
