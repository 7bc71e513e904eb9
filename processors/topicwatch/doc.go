// Package topicwatch knows what a table's topics were, and refuses others under their names.
//
//	Watch       what was seen of the source topic, over all attempts of a process
//	Check       compares a topic that is about to be read with that, and with what the progress topic has
//	Follow      looks at source topic and changelog while they are used
//	Grow        does so for a source whose records are repartitioned by their keys: it may get more partitions
//
// Offsets and the partitions of keys mean something else in a topic that was made again, or that has another number of
// partitions. The ids of the topics are in the headers of progress records, which outlive local disks, and the
// group's offsets, which brokers forget with the topic.
//
// What a changelog that was made again means is asked for each partition when it is taken over: see package group.
// While a topic cannot be seen, nothing is known of it: a broker may be away.
//
// It imports nothing of the write side. File map: watch.go compares, follow.go looks again and again.
package topicwatch
