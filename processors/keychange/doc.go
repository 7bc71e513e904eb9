// Package keychange keeps a row's values when its primary key changes.
//
// A change of primary key is a deletion of the old key and an insert of the new one, at one
// position of the database's log, and often in two partitions. The insert may lack values
// that only the old key's last row has. That row is the before-image. The deletion's
// partition keeps it. The insert's partition asks all others for it, and reads nothing more
// until one has it or none has. Then it writes the row: a reader that sees the insert's
// position reflected sees the whole row.
//
//	BeforeImages   the before-images that this partition keeps
//	Asker          inserts of this partition that lack values: at most one waits
//	Answerer       requests of other partitions
//
//	insert without values -> Asker: BeforeImageWanted to all others -> Answerer: BeforeImageFound, BeforeImageNone -> Asker -> row
//
// Invariants:
//
//	An insert never waits for longer than Options.Wait. Then its row is served without the values, and
//	filled when the before-image comes late.
//	A request is kept in the state until its answer is acknowledged. A declined one is kept for as long
//	as the insert's partition may use it: it is granted when the deletion comes after all.
//	Two partitions that wait for each other both continue: the one whose insert is later declines.
//	Ordinary changes cost nothing: no allocation, and no read.
//
// One goroutine, the one that folds, owns BeforeImages, Asker and Answerer. The feeder calls Answerer.Due.
// Answerer.Run is a goroutine of its own, which asks for the source's end on behalf of all requests.
//
// The package imports the local state and the control bus. It is given the function that folds an
// insert. It knows neither goka nor how records are read.
//
// File map: options.go has what it needs, images.go keeps before-images, ask.go is the insert's side, answer.go the
// deletion's side, open.go has the open requests, kept.go those in the state, waitend.go waits for the source's end,
// everyminute.go has the counts that are logged once a minute, metrics.go the metrics.
package keychange
