// Package state is what one partition of a processor keeps on disk: a LevelDB
// database that can always be rebuilt from the changelog.
//
// The key spaces, told apart by their first byte so that no row's key can collide
// with what is kept about them:
//
//	r key          the state row
//	d epoch key    a dirty mark: the row changed, or went, in that epoch
//	t key          a deletion: its source offset, time and what its tombstone says
//	i old new off  the last row of a key that became another one
//	q old new from another partition's wish for such a row (w name: as it was kept once)
//	o key          the row that the generation before has
//	h key          the hash of the row as the newest batch holds it
//	m name         position, guard, epoch, clock, identity
//
// A value, its mark, the changelog position and the guard reach the disk in one
// LevelDB batch, so a crash leaves an older state but never a torn one. A write is
// held back for at most FlushEvery or FlushBytes; what is lost with the process is
// read again from the changelog, from the position that went to disk with it.
//
// The Store has the rows and deletions; each of the other spaces is a type of its own beside
// it (Batches, Deletions, Images, Wishes, Truncates, Previous), which whoever has to do with it
// is given. All write through one disk, under one lock, into one batch: what a row's write and
// a deletion's must take along of other spaces is done in rows.go, and nowhere else.
//
// Epochs: a cut ends one and begins the next. The marks up to a cut's epoch are the
// batch's changes; they are removed when its manifest is acknowledged, while marks
// of later changes stay. Nothing is read for it and no mark is lost to a race.
//
// File map: store.go opens and closes, rows.go is the owner's side, batches.go, cut.go and hashes.go
// a batch's; deletions.go, images.go, truncates.go and previous.go are the other spaces, and sweep.go
// drops what is old in them. Below them disk.go is the database, writes.go its one batch, ranges.go
// what goes over many keys, progress.go what is written with each batch, records.go the small records
// and the names of all spaces, compact.go what LevelDB leaves. identity.go decides when a state must
// not be used, and quarantine.go puts it aside.
package state
