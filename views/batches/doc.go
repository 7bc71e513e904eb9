// Package batches is what a view knows and keeps of a table's batches: what their manifests
// tell, whether the view holds them, and their files. It does not read topics, and neither
// seals a batch nor judges one: it is told.
//
//	manifests.go wait.go  what processors tell of batches, what this view has of each, and waits for it
//	disputes.go           batches that the changelog differs from
//	files.go              batches are written in the background, and dropped by the table's policy
//	read.go               batches in memory, and those that are read again for as_of
//	directory.go          what is on disk: whose it is, what of it can be used
//
// It stands on package store, which writes and reads the rows of a batch, and counts with
// package metrics. In the directory there are
//
//	<id>.parquet     the rows of a batch
//	<id>.json        its manifest, written last
//	changelog        the id of the topic that the batches belong to
//	set-aside-<id>.* a batch that could not be used
//
// and beside it <directory>-set-aside, with batches of another topic.
package batches
