// Package batches has a view's knowledge of a table's batches: what their manifests say,
// whether the view has them, and their files. It does not read topics. It neither seals a
// batch nor compares one with its manifest: it is called with the result.
//
//	manifests.go wait.go  what processors report of batches, what this view has of each, and waits for it
//	disputes.go           batches that the changelog differs from
//	files.go              writes batches in the background, and removes them by the table's policy
//	read.go               batches in memory, and those that are read again for as_of
//	directory.go          what is on disk: whose it is, and what of it can be used
//
// It uses package store, which writes and reads the rows of a batch, and counts with
// package metrics. In the directory there are
//
//	<id>.parquet     the rows of a batch
//	<id>.json        its manifest, written last
//	changelog        the id of the topic that the batches belong to
//	set-aside-<id>.* a batch that could not be used
//
// and beside it <directory>-set-aside, with batches of another topic.
package batches
