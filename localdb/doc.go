// Package localdb opens the LevelDBs that both sides keep on disk. Each of them can be
// filled again from Kafka, so none is ever repaired: what is opened holds everything that
// was written up to some moment, and what cannot be proven to do so is refused with
// ErrDamaged.
//
// LevelDB by itself leaves out what it cannot read in a journal and goes on behind it:
// rows would be missing while the positions behind them are there. Open therefore reads
// the manifest and the journals first. Every write has a sequence number, and the numbers
// must follow each other from the manifest's on, over all journals. Only the end of the
// last journal may be missing, where a crash tears a write: what is left is how the
// database once was, and its positions say so. That end is cut off, and LevelDB is then
// opened with all of its own checks, those of every block that is read among them.
//
// It also has the one way in which both sides write files beside their databases.
package localdb
