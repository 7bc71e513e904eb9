package replica

import (
	"fmt"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
)

// Where the first rows of a replica come from.
const (
	fromFile      = "batch file"
	fromSnapshot  = "snapshot topic"
	fromRows      = "rows on disk"
	fromChangelog = "changelog"
)

// Origin is what a replica's first rows came from.
type Origin struct {
	From   string          // batch file, snapshot topic, rows on disk or changelog
	batch  uint64          // the batch that the base is, 0 when it is none
	base   tables.Position // changelog: what is before it is in the store
	source tables.Position // of the source topic, at base
	stored []rows.Position // what the rows on disk had
	Skip   uint64          // batches up to this one are not sealed by merging
	Again  uint64          // the batch that was not even and is tried once more, 0 when there is none
	Taken  time.Time       // when the batch was, zero where there is none
	// Doubted says that other rows than these differed from the batch that is tried again.
	Doubted bool
	// compared says that readers see rows of the changelog, which these must equal.
	compared bool
}

// Whole reports whether the rows were the table at some time. Rows that are read from
// the changelog's beginning are not before its end, and a process that ended on the way
// there has left such rows on disk.
func (o *Origin) Whole() bool { return o.From == fromFile || o.From == fromSnapshot }

// MaxAge is how old a local state may be: tombstones are kept longer, by what it
// may take to read them all.
const MaxAge = kafka.TombstoneRetention - 24*time.Hour

// Rebuild is the error of a replica whose rows must be built again.
type Rebuild struct {
	Reason string // a constant word, for the metric
	Batch  uint64 // from the snapshot topic of this batch or a later one
	Err    error
	// Compared says that the rows of the snapshot topic must prove to be those that readers
	// see, which are the changelog's.
	Compared bool
}

// The reasons that are distinguished.
const (
	ReasonMismatch = "mismatch" // rows that a batch differs from: read from the changelog
	reasonPassed   = "passed"   // a batch whose rows are no longer known: the snapshot topic has them
)

func (r *Rebuild) Error() string { return fmt.Sprintf("rows are built again: %s: %v", r.Reason, r.Err) }

func (r *Rebuild) Unwrap() error { return r.Err }
