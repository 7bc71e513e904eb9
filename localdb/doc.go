// Package localdb opens the LevelDB databases that both sides keep on disk. Each of them
// can be filled again from Kafka, so none is ever repaired. A database that was opened
// holds everything that was written up to some moment. A database for which this cannot be
// proven is refused with ErrDamaged.
//
// LevelDB itself skips what it cannot read in a journal and continues behind it: rows would
// be missing although the positions behind them are there. So Open reads the manifest and
// the journals first. Every write has a sequence number, and the numbers must be contiguous
// from the manifest's on, over all journals. Only the end of the last journal may be
// missing, where a crash interrupts a write. What is left is an earlier state of the
// database, and its positions say so. Open cuts that end off, and then opens LevelDB with
// all of its own checks, including those of every block that is read.
//
// Shared is what the databases of a process have together: one cache of blocks and one of open tables, a bound for
// files that are written, and the size of write buffers, all from the limits of the process. A database
// at rest holds no descriptor (files.go, writers.go): LevelDB's own storage holds four.
//
// The package also has the functions by which both sides replace a file atomically.
package localdb
