// Package state is the data that one partition of a processor keeps on disk: a LevelDB
// database that can always be rebuilt from the changelog.
//
// The first byte of a LevelDB key is its key space, so the key of a row can never collide
// with other data:
//
//	r key          the state row
//	d epoch key    a dirty mark: the row changed, or was deleted, in that epoch
//	t key          a deletion: its source offset, time and what its tombstone says
//	i old new off  a before-image: the last row of a key that became another one
//	q old new from another partition's request for a before-image (w name: its earlier form)
//	o key          the row of the previous generation
//	h key          the hash of the row as the newest batch has it
//	m name         position, guard, epoch, clock, identity
//
// A value, its mark, the changelog position and the guard reach the disk in one LevelDB
// batch, so a crash leaves an older state but never a torn one. A write is held in memory for
// at most FlushEvery or FlushBytes. What a crash loses is read again from the changelog, from
// the position that went to disk with the last batch.
//
// The Store has the rows and deletions. Each of the other key spaces has a type of its own
// (Batches, Deletions, BeforeImages, ImageRequests, Truncates, Previous), which the code that
// needs it is given. All write through one disk, under one lock, into one batch. Where a write of a
// row or a deletion must also change other key spaces, rows.go does it, and no other file.
//
// Epochs: a cut ends one epoch and begins the next. The marks up to a cut's epoch are the
// batch's changes. They are removed when its manifest is acknowledged, while marks of later
// changes stay. Nothing is read for it, and no mark is lost in a race.
//
// File map: store.go opens and closes, rows.go is the owner's side, batches.go, cut.go and hashes.go
// are a batch's; deletions.go, images.go, truncates.go and previous.go are the other key spaces, and sweep.go
// drops old entries of them. Below them disk.go is the database, writes.go its one batch, ranges.go
// iterates over many keys, progress.go has what is written with each batch, records.go the small records
// and the names of all key spaces, compact.go removes what LevelDB leaves. identity.go decides when a state
// must not be used, and quarantine.go moves it aside.
package state
