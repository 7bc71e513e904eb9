package apply

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/keychange"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/tables"
)

// Options of what folds the changes of a partition, for one run.
type Options struct {
	Partitions  int32
	Fingerprint uint32 // of the table's columns
	Rules       fold.Rules
	// Exceeds says why a row of so many bytes of key and value cannot be held, or "".
	Exceeds func(key, value int) string

	Rows         *rowwriter.Writer
	Truncates    Truncates
	BeforeImages BeforeImages
	Asker        Asker
	Answerer     Answerer
	// Dead sends a record to the dead letters.
	Dead    func(e *pending.Entry, done func(error))
	Events  *events.Listener
	Metrics Metrics
	// FilledLate counts inserts whose before-image came after their row was served.
	FilledLate prometheus.Counter
}

// Truncates are those that the partition has met.
type Truncates interface {
	// Outlived reports whether a change is from before a truncate, where the change says which
	// partition of the source has it.
	Outlived(c *tables.Change, origin int32) bool
	// Before reports whether a change is from before a truncate.
	Before(c *tables.Change) bool
	// Emptied is the source offset before which the table was emptied.
	Emptied() int64
}

// BeforeImages are the rows that changes of primary key have left behind.
type BeforeImages interface {
	Keep(c *tables.Change, row *tables.Row) ([]byte, error)
	Of(old, new tables.Key, source tables.SourcePosition) ([]byte, error)
}

// Asker asks other partitions for the row that an insert goes on.
type Asker interface {
	Ask(c *tables.Change, fold keychange.Fold, done func(error))
}

// Answerer answers what other partitions ask.
type Answerer interface {
	// Passes is called with every change before it is folded.
	Passes(c *tables.Change)
	// Deleted is called for a row that goes on under another key.
	Deleted(old, new tables.Key) error
}
