package oracle

import "fmt"

// Row is a row as the table must show it.
type Row struct {
	V         string
	HasAmount bool
	Amount    int64
	Big       string
	Document  string
}

// String is the row in short.
func (r Row) String() string {
	amount := "null"
	if r.HasAmount {
		amount = fmt.Sprint(r.Amount)
	}
	return fmt.Sprintf("v %s, amount %s, big of %d bytes, document %s", r.V, amount, len(r.Big), cut(r.Document))
}

// Bare is the row without its document.
func (r Row) Bare() Row {
	r.Document = ""
	return r
}

func cut(s string) string {
	if len(s) > 200 {
		return s[:200] + "..."
	}
	return s
}

// Kind says what a record of the source is.
type Kind uint8

// The kinds of records.
const (
	Upsert    Kind = iota
	Delete         // a deletion with its place in the log
	Tombstone      // Kafka's, right behind a deletion
	Unusable       // no row can be made of it
	TooLarge       // its row is larger than a table may have
)

// Event is one record of the source.
type Event struct {
	ID        int64
	Partition int32
	Key       []byte
	Value     []byte // nil of a tombstone
	Logged    int64  // Kafka's timestamp, milliseconds

	Kind Kind
	Row  Row
	// KeepsBig says that the event does not have the large value: the stored one stays.
	KeepsBig bool
	Place    Place
}

// Place is what is known about when a change was made.
type Place struct {
	Epoch    int    // whose log; 0 where none is known
	At       uint64 // in that log
	Snapshot bool   // read from the table, and not from the log
	Time     int64  // the source's clock, milliseconds
	Logged   int64  // Kafka's, milliseconds
}

// later reports whether a change was made after one in another partition.
func (p Place) later(o Place) bool {
	if p.ordered(o) {
		return p.At > o.At
	}
	switch {
	case p.Time != o.Time:
		return p.Time > o.Time
	case p.Snapshot != o.Snapshot:
		return o.Snapshot
	}
	return p.Logged > o.Logged
}

// ordered reports whether one log says which of two changes is later.
func (p Place) ordered(o Place) bool {
	return p.Epoch != 0 && p.Epoch == o.Epoch && !p.Snapshot && !o.Snapshot
}
