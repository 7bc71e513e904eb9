// Package rekey places the records of a source topic by their decoded keys: it copies
// them, change by change, into a topic whose partitions processors can rely on. Each
// row then has one home there, whatever partitioner the source's producer had.
//
//	source partition -> splitter: the parts of a record and their keys
//	                 -> topic by keys: canonical key, murmur2 of it; header: the origin
//	                 -> record of how far it is
//
// What a partition of the source becomes is written in transactions under an id of
// that partition's own: whoever takes the partition over fences the one before it,
// which ends its open transaction, and goes on where the newest committed record of
// how far it is says. So every record is there exactly once, in the source's order, and
// no offsets of a consumer group are needed.
//
// Who owns a partition is the processors' group to say: a process places the source
// partitions whose numbers lead, modulo the number of partitions, to those of the
// topic by keys that it owns.
package rekey
