// Package intake makes entries of a partition's source records.
//
//	Intake             decodes records, and finds out where each change belongs among those that were read before
//	PartitionerError   a record that the declared partitioner would have put elsewhere, and what to declare instead
//	Skipped            counts the events that concern no row
//
// What holds:
//
//	No record is lost: one that cannot be decoded is an entry for the dead letters, as it was read. An error is
//	returned only for what cannot be decided now, such as a schema whose registry is away.
//	A key lives in one partition: a record in another partition is refused before it is read.
//	A change that is beyond all others by position and time costs no look at the state; all that is behind says so
//	(Entry.Behind, Entry.Elsewhere).
//
// The one who reads the source owns an Intake, from one run of a partition to the next. It knows entries, codecs, and
// what a state says of its rows, and not where an entry goes.
//
// File map: intake.go decodes, extent.go is how far the changes reach, partitioner.go and cure.go are the refusal,
// skipped.go counts.
package intake
