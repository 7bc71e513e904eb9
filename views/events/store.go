package events

import (
	"time"

	"github.com/tidemark/tidemark/hooks"
)

// Merged says that changes became part of the base of the rows in memory.
type Merged struct {
	Kind                 string // a constant word, for the metric
	Rows, Added, Removed int
	Took                 time.Duration
}

// Line implements hooks.Event.
func (e Merged) Line() hooks.Line {
	return hooks.Debug("merged", "kind", e.Kind, "rows", e.Rows, "added", e.Added, "removed", e.Removed, "took", e.Took)
}

// NotCompacted says that changes stay apart from the base.
type NotCompacted struct{ Err error }

// Line implements hooks.Event.
func (e NotCompacted) Line() hooks.Line { return hooks.Error("delta not compacted", "error", e.Err) }
