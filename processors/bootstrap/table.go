package bootstrap

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// Table knows whether all partitions of a table are filled: batches are of whole tables. One
// goroutine uses it.
type Table struct {
	Plan   *seed.Plan // nil fills nothing
	Table  *tables.Table
	Kafka  kafka.Settings
	Clock  func() time.Time
	Events *events.Listener

	filled bool
	asked  time.Time
}

// askEvery is how often it is asked whether all partitions are filled.
const askEvery = 5 * time.Second

// Filled reports whether no partition is being filled.
func (t *Table) Filled(ctx context.Context) bool {
	if t.Plan == nil || t.filled {
		return true
	}
	now := t.Clock()
	if now.Sub(t.asked) < askEvery {
		return false
	}
	t.asked = now
	progress, err := seed.ReadProgress(ctx, t.Kafka, t.Table)
	if err != nil {
		t.Events.FillingNotSeen(events.FillingNotSeen{Err: err})
		return false
	}
	t.filled = progress.Live()
	return t.filled
}
