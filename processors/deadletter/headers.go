package deadletter

// The headers that a dead letter has beside its own.
const (
	HeaderError     = "tidemark.error"
	HeaderField     = "tidemark.field"
	HeaderTopic     = "tidemark.topic"
	HeaderPartition = "tidemark.partition"
	HeaderOffset    = "tidemark.offset"
	HeaderTime      = "tidemark.timestamp" // milliseconds since the epoch
	HeaderTable     = "tidemark.table"
	// HeaderOmitted is the number of bytes of a value that does not fit into any of our
	// records. The value is where topic, partition and offset say.
	HeaderOmitted = "tidemark.omitted"
	// HeaderKeyedOffset is the record's offset in the topic by decoded keys, in the
	// partition of the dead letter's number, where the table has such a topic.
	HeaderKeyedOffset = "tidemark.keyed_offset"
)

// The headers of an answer in the same topic: what has become of a dead letter that
// was to be retried or dropped. Such a record has neither key nor value.
const (
	HeaderResolves = "tidemark.resolves" // the dead letter's offset in its topic
	HeaderResult   = "tidemark.result"   // see Applied and the others
	HeaderRequest  = "tidemark.request"  // the request's id
)

// What becomes of a dead letter that is tried again, or dropped.
const (
	Applied = "applied" // its row was written or removed
	Older   = "older"   // something newer of its key is known: nothing was written
	Skipped = "skipped" // it is an event of no row
	Dropped = "dropped" // it was not wanted any more
	Failed  = "failed"  // it still cannot be used; the error is the new one
	Refused = "refused" // nothing proves that it is not outdated: replay the table
)

// Settles reports whether a result ends a dead letter.
func Settles(result string) bool { return result != Failed && result != Refused }
