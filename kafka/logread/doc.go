// Package logread answers questions about what a topic holds: all of it, its end, one
// record of it, and whether anything is left to read between two offsets.
//
// It reads by single fetch requests that never wait at the broker. So many questions share
// one client, and an answer does not wait for records that compaction or an aborted
// transaction has left out: the broker tells what it has instead. Only committed records
// are read.
package logread
