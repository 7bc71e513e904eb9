package stream

const (
	// budget bounds the bytes that wait to be taken, of all partitions together.
	budget = 64 << 20
	// leastShare lets every partition go on, and mostShare is enough for one to be read at full speed.
	leastShare = 128 << 10
	mostShare  = 4 << 20
	// fetchParts is how many fetches of a partition are in its share: one that is delivered, one that waits, one
	// that is fetched, and room for what compression hides.
	fetchParts = 4
	// recordSize is what a message takes besides its key, value and headers.
	recordSize = 128
)

// share is what a partition may have waiting. The caller has the mutex.
func (r *Reader) share() int {
	return min(max(r.budget/max(r.delivering, 1), leastShare), mostShare)
}

// fetchBytes is what one fetch of a partition asks for at most. A larger batch is delivered all the same.
func (r *Reader) fetchBytes() int32 { return int32(r.share() / fetchParts) }

// room reports whether more may be fetched of the partition. The caller has the mutex.
func (p *partition) room() bool {
	return p.held+len(p.messages)*p.average < p.reader.share()/2
}
