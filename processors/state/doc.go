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
//	h key          the hash of the row as the newest batch holds it
//	m name         position, guard, epoch, clock, identity
//
// A value, its mark, the changelog position and the guard reach the disk in one
// LevelDB batch, so a crash leaves an older state but never a torn one. A write is
// held back for at most FlushEvery or FlushBytes; what is lost with the process is
// read again from the changelog, from the position that went to disk with it.
//
// Epochs: a cut ends one and begins the next. The marks up to a cut's epoch are the
// batch's changes; they are removed when its manifest is acknowledged, while marks
// of later changes stay. Nothing is read for it and no mark is lost to a race.
//
// File map: store.go opens and closes, write.go, read.go, tomb.go, forget.go, image.go,
// wish.go and barrier.go are the owner's side, cut.go is a batch's side, meta.go holds the small records, aside.go
// decides when a state must not be used.
package state
