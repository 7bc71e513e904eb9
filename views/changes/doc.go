// Package changes keeps the last changes of a live table, so that any number of
// readers can follow them without a queue of their own.
//
//	writer --Append(group)--> Feed: [group][group][group] <--Next-- Reader, Reader, ...
//	                           ^ the oldest go when it is too large
//
// A reader has a place in the feed and nothing else. One that is slow finds more
// groups when it comes back, and gets each key once, in its newest state; one that
// was away for longer than the feed reaches must start over. A place is also a position
// of the source topic, by which a reader that comes again goes on exactly where it was.
package changes
