// Package changes keeps the last changes of a live table, so that any number of
// readers can follow them without a queue of their own.
//
//	writer --Recorder--> Append(group) --> Feed: [group][group][group] <--Take-- Reader, Reader, ...
//	                                        ^ the oldest go     |                  ^
//	                                                        dispatcher --index-----+ wakes whom it concerns
//
// A reader has a filter and a place in the feed, and nothing else. The dispatcher, a goroutine
// that is there while there are readers, looks at each change once, finds by an index of the
// filters' values which readers it concerns, and wakes those; the others have seen it without
// having moved. A reader that is slow finds more groups when it comes back, and gets each
// key once, in its newest state; one that was away for longer than the feed reaches must
// start over. A place is also a position of the topic that the rows are made from, by which a reader that comes
// again goes on exactly where it was; readers that hear nothing are told theirs now and
// then, before the feed has gone past it.
//
// Where the position has stood still while rows changed, it does not tell who has taken the
// change from who has not: a reader that comes back with it starts over. So does one whose
// position another process has given that made groups of other changes, where it lies
// within a group that is taken as a whole; and one that comes from rows which these have
// taken the place of.
package changes
