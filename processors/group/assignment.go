package group

import (
	"context"

	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/lease"
)

// Assignment is a partition that the group has given to this process.
type Assignment struct {
	Partition int32
	// Producer writes for the partition, under the lease of the session that it was assigned
	// in. All partitions of the session share its connections.
	Producer *lease.Producer

	table   *Table
	session *session
}

// Generation is the group's, as of now.
func (a *Assignment) Generation() uint32 { return uint32(a.session.generation.Load()) }

// Instance distinguishes the member's records from those of other writers.
func (a *Assignment) Instance() uint8 { return a.session.instance }

// Mark notes how far the partition is done. The next commit has it.
func (a *Assignment) Mark(next int64) { a.table.offsets.mark(a, next) }

// Restart commits that the partition is to be read from its first record.
func (a *Assignment) Restart() {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	a.table.offsets.mark(a, 0)
	a.table.commit(ctx)
}

// Start finds where the partition is to be read from; negative is the oldest record.
// What cannot be looked up is not guessed: failed is called, and the lookup is repeated until the
// partition is lost.
func (a *Assignment) Start(ctx context.Context, failed func(error)) (int64, error) {
	for pauses := retry.Supervised(); ; {
		start, err := a.startOf(ctx)
		if err == nil || ctx.Err() != nil {
			return start, err
		}
		failed(err)
		pause := pauses.Failed(0)
		a.table.o.Events.StartNotKnown(events.StartNotKnown{Scope: events.Scope{Partition: a.Partition}, Err: err, After: pause})
		if retry.Pause(ctx, pause) != nil {
			return 0, ctx.Err()
		}
	}
}
