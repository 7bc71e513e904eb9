// Package health knows how well the processing of a partition goes, and tells it.
//
//	Tracker   counts records and has the troubles of one partition, or of a table
//	Counter   counts each record once, whoever reads it again
//	Recall    is what owners before have told, from which the next one goes on counting
//
// It knows neither how records are read nor what is done with them: whoever does says so
// (NoteRow, NoteDead, NoteHeartbeat, Counter.Count, Tell), and whoever writes progress sends along
// what Told returns. It imports the bytes of what is told, and nothing of the write side.
//
// File map: tracker.go is the partition's account; counts.go counts, newest.go tells whether most of
// the newest records are dead letters, best.go when rows were furthest ahead, silence.go whether the
// source has gone silent; recall.go reads what was told before.
package health
