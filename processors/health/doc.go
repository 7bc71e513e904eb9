// Package health measures how well the processing of a partition goes, and reports it.
//
//	Tracker   counts records and has the troubles of one partition, or of a table
//	Counter   counts each record once, also when another owner reads it again
//	Recall    is the report of earlier owners, from which the next owner continues to count
//
// The package does not know how records are read or what is done with them. The code that
// does calls NoteRow, NoteDead, NoteHeartbeat, Counter.Count and Tell, and the writer of
// progress records sends what Health returns. The package imports the bytes of the report, and
// no other package of the write side.
//
// File map: tracker.go is the partition's account; counts.go counts, newest.go says whether most of
// the newest records are dead letters, best.go keeps the counts at which rows were furthest ahead of dead letters, silence.go says whether the
// source is silent; recall.go reads the report of earlier owners.
package health
