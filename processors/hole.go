package processors

import (
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/processors/recovery"
	"github.com/tidemark/tidemark/tables"
)

// mendHole has the source read again when a recovery without a local state has met a
// changelog that is not whole.
func (r *run) mendHole() error {
	if !r.recoverer.Fresh() || r.boot.Needed() || r.refill.goesOn() {
		return nil
	}
	oldest, _, err := r.span(r.names.Table)
	if err != nil {
		return err
	}
	batch := &r.previous
	if !r.hasBatch {
		batch = nil
	}
	why, err := recovery.Hole(r.store, r.partition, oldest, batch)
	if err != nil || why == "" {
		return err
	}
	r.refill.begin(why, r.replayUntil)
	r.assignment.Restart()
	r.feeder.ReadFrom(0)
	r.progress.Restart()
	return r.feeder.Open(r.ctx)
}

// refill is the reading of the source from its start for a changelog that is not whole. It goes on
// from one run of a partition to the next.
type refill struct {
	health *health.Tracker
	events *events.Listener
	why    string // what the changelog has lost; empty while nothing is read for it
	until  int64  // the source offset that the rows have been at
}

func (f *refill) goesOn() bool { return f.why != "" }

// begin reports that the source is read again.
func (f *refill) begin(why string, until int64) {
	f.why, f.until = why, until
	f.events.ChangelogHole(events.ChangelogHole{Reason: why})
	f.health.Tell(tables.Trouble{Reason: tables.Building, Text: why + ": the source is read again from its start"})
}

// note ends it when the source has been read again as far as it was.
func (f *refill) note(done int64) {
	if f.goesOn() && done > f.until {
		f.why = ""
		f.health.Clear(tables.Building)
		f.events.PartitionReadAgain(events.PartitionReadAgain{})
	}
}
