// Package logread answers questions about the contents of a topic: all records, the end
// offset, one record, and whether any record is left to read between two offsets.
//
// It reads by single fetch requests that never wait at the broker. So many questions can
// share one client, and an answer does not wait for records that compaction or an aborted
// transaction has removed: the broker returns what it has. Only committed records are read.
package logread
