// Package progress reports how far a partition is: to the group, by the offset that is committed, and to everybody, by
// records in the progress topic.
//
//	Reporter   the last report of a partition, in one claim of it
//	Mend       a stretch is read again in which the changelog is behind the state: no offset in it is reported
//	Commit     commits the offset to the group
//	Report     writes a progress record, when there is something new, and now and then at rest
//	Repeat     writes the last report once more, for a partition that has been refused
//
// What holds:
//
//	No offset is reported before everything below it is done, and none inside a stretch that is being mended.
//	A record of the changelog implies everything before its stamp, so only what moves without one is written at once.
//	Each record has the health of the partition, once what owners before have counted is known.
//
// A view reads these records to know the position of a partition at rest; the next owner goes on counting from them.
// The package imports package health, and sees queue and writer by what it needs of them.
//
// File map: options.go says what it needs, reporter.go reports, stretch.go is what is mended.
package progress
