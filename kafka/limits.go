package kafka

// DefaultRowBytes is the largest row where the configuration names no other limit.
const DefaultRowBytes = 64 << 20

// The bounds of the limit of a row. A record of the largest one must fit in a request, whose length
// has 32 bits, and in what the clients read at most.
const (
	LeastRowBytes = 64 << 10
	MostRowBytes  = 512 << 20
)

const (
	recordRoom = 64 << 10 // what a record of ours needs around a row: headers, and the row's form
	batchRoom  = 64 << 10 // what a batch needs around a record of the largest size

	usualRequest = 100 << 20 // what brokers take unless configured otherwise: socket.request.max.bytes
	maxResponse  = 1 << 30   // the most that franz-go can be configured to read
)

// Rows returns the largest row that a table holds: the bytes of its key and its state row.
func (s Settings) Rows() int {
	if s.RowBytes == 0 {
		return DefaultRowBytes
	}
	return s.RowBytes
}

// MaxRecordBytes is the largest record that Tidemark writes: key, value and headers.
func (s Settings) MaxRecordBytes() int { return s.Rows() + recordRoom }

// topicBytes is the largest batch that topics of ours must accept.
func (s Settings) topicBytes() int { return s.MaxRecordBytes() + batchRoom }
