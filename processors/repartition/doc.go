// Package repartition copies the records of a source topic, change by change, into a topic that
// is partitioned by decoded keys. Processors can rely on its partitions: all changes of a row are
// in one of them, whatever partitioner the source's producer used.
//
//	source partition -> splitter: the parts of a record and their keys
//	                 -> topic by keys: canonical key, murmur2 of it; header: the origin
//	                 -> record of the source partition's progress
//
// The changes of a source partition are written in transactions under a transactional id of that
// partition. A process that takes the partition over fences its predecessor, which ends the
// predecessor's open transaction, and continues at the offset in the newest committed progress
// record. So every record is there exactly once, in the source's order, and no offsets of a
// consumer group are needed.
//
// The processors' group decides who owns a partition: a process copies the source partitions
// whose numbers, modulo the number of partitions, are partitions of the topic by keys that it
// owns.
package repartition
