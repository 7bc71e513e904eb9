// Package changes keeps the last changes of a live table, so that any number of
// readers can follow them without a queue of their own.
//
//	writer --Recorder--> Append(group) --> Feed: [group][group][group] <--Take-- Reader, Reader, ...
//	                                        ^ the oldest go     |                  ^
//	                                                        dispatcher --index-----+ wakes the readers concerned
//
// A reader has a filter and a place in the feed, and nothing else. The dispatcher is a
// goroutine that runs while there are readers. It looks at each change once, finds by an
// index of the filters' values which readers the change concerns, and wakes those. The other
// readers advance without being woken. A slow reader finds more groups when it comes back,
// and gets each key once, in its newest state. A reader that was away for longer than the
// feed reaches must start over. A place is also a position of the topic that the rows are
// made from, so a reader that reconnects continues exactly where it was. Readers whose filter
// matches nothing get their position now and then, before the feed has removed it.
//
// If rows changed while the position did not, the position does not say which of these
// changes a reader has taken. A reader that comes back with it starts over. So does a reader
// with a position from another process, where that process grouped changes otherwise and the
// position is inside of a group of this one. So does a reader whose position comes from rows
// that were replaced by these.
package changes
