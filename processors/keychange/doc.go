// Package keychange carries a row's values along when its primary key changes.
//
// A change of primary key is a deletion of the old key and an insert of the new one, at one position of the
// database's log, and often in two partitions. The insert may lack values that only the old key's last row has: its
// before-image. The deletion's partition keeps it; the insert's partition asks all others for it, reads nothing more until
// one has it or none does, and then writes the row: whoever sees the insert's position reflected sees the row whole.
//
//	Images      the before-images that this partition keeps
//	Asker       inserts of this partition that lack values: at most one waits
//	Answerer    requests of other partitions
//
//	insert without values -> Asker: ImageWanted to all others -> Answerer: ImageFound, ImageNone -> Asker -> row
//
// What holds:
//
//	An insert never waits for longer than Options.Wait. Then its row is served without the values, and filled when
//	the image comes late.
//	A request is kept in the state until its answer is acknowledged, and a declined one for as long as somebody may
//	be interested in it: it is granted when the deletion comes after all.
//	Two partitions that wait for each other both go on: the one whose insert is later declines.
//	Ordinary changes pay for none of it: no allocation, and no read.
//
// One goroutine, that which folds, owns Images, Asker and Answerer. Answerer.Due is the feeder's, and Answerer.Run a goroutine
// of its own, which asks for the source's end on behalf of all requests.
//
// It imports the local state and the control bus; what folds an insert is given to it, and it knows neither goka nor
// how records are read.
//
// File map: options.go says what it needs, images.go keeps before-images, ask.go is the insert's side, answer.go the
// deletion's, open.go the requests that are open, kept.go those in the state, waitend.go waits for the source's end, tally.go counts
// what is told once a minute, metrics.go what becomes of inserts and requests.
package keychange
