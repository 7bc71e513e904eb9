package processors

import (
	"github.com/tidemark/tidemark/processors/recovery"
	"github.com/tidemark/tidemark/tables"
)

// mendHole has the source read again when a recovery without a local state has met a
// changelog that is not whole.
func (r *run) mendHole() error {
	if !r.recoverer.Fresh() || r.boot.Needed() || r.hole != "" {
		return nil
	}
	why, err := r.findHole()
	if err != nil || why == "" {
		return err
	}
	r.hole = why
	r.metrics.refilled.Inc()
	r.logger.Error("changelog has lost records: the partition is read again from the start of the source", "reason", why)
	r.health.Tell(tables.Trouble{Reason: tables.Building, Text: why + ": the source is read again from its start"})
	r.assignment.Restart()
	r.feeder.ReadFrom(0)
	r.progress.Restart()
	return r.feeder.Open(r.ctx)
}

// findHole says what the changelog has lost, if anything.
func (r *run) findHole() (string, error) {
	oldest, _, err := r.span(r.names.Table)
	if err != nil {
		return "", err
	}
	if !r.hasBatch {
		return recovery.Hole(r.store, r.partition, oldest, nil)
	}
	return recovery.Hole(r.store, r.partition, oldest, &r.previous)
}

// noteRefill ends what was told when the source has been read again as far as it was.
func (r *run) noteRefill() {
	if r.hole != "" && r.queue.Watermark() > r.replayUntil {
		r.hole = ""
		r.health.Clear(tables.Building)
		r.logger.Info("partition has been read again")
	}
}
