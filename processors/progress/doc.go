// Package progress tells how far a partition is: the group, by the offset that is committed, and everybody by records in
// the progress topic.
//
//	Reporter   what was last told of a partition, in one claim of it
//	Mend       a stretch is read again in which the changelog is behind the state: nothing in it is told
//	Commit     tells the group
//	Report     writes a progress record, when there is something new or it is time for a sign of life
//	Repeat     writes what was last told once more, for a partition that has been refused
//
// What holds:
//
//	No offset is told before everything below it is done, and none inside a stretch that is being mended.
//	A record of the changelog implies everything before its stamp, so only what moves without one is written at once.
//	With each record goes how well the partition is, once what owners before have counted is known.
//
// A view reads these records to know where a partition stands at rest; the next owner goes on counting from them.
// The package imports package health, and sees queue and writer by what it needs of them.
//
// File map: options.go says what it needs, reporter.go tells, stretch.go is what is mended.
package progress
