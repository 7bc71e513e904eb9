package processors

import (
	"context"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// overdueEvery is how often the owner of partition 0 looks whether batches come.
const overdueEvery = 15 * time.Second

// lateness looks whether batches come. The time counts from when this process could
// have seen to it.
type lateness struct {
	begun, looked time.Time
}

func (l *lateness) begin(now time.Time) { *l = lateness{begun: now, looked: now} }

// look tells when batches do not come; the owner of partition 0 does.
func (l *lateness) look(ctx context.Context, a *scheduler, s *shared) {
	now := a.opts.Clock()
	if now.Sub(l.looked) < overdueEvery {
		return
	}
	l.looked = now
	text, err := a.lateBatch(ctx, l.begun)
	switch {
	case err != nil:
		a.opts.Logger.Debug("batches not looked at", "error", err)
	case text == "":
		s.table.clear(tables.BatchOverdue)
	default:
		s.table.tell(tables.Trouble{Reason: tables.BatchOverdue, Text: text})
	}
}

// lateBatch says which batch has not come; empty when all have.
func (a *scheduler) lateBatch(ctx context.Context, begun time.Time) (string, error) {
	now, all := a.opts.Clock(), a.catalog.batches()
	complete, taken := completeBatch(all), begun
	for _, m := range all[complete] {
		if at := time.UnixMicro(m.Started); at.After(taken) {
			taken = at
		}
	}
	at, err := missedBy(a.opts.Table.Batch, taken)
	if err != nil {
		return "", err
	}
	if !at.IsZero() && now.After(at) {
		return fmt.Sprintf("no batch since %s, with the schedule %s", taken.UTC().Format(time.RFC3339), a.opts.Table.Batch.Schedule), nil
	}
	if err := a.barriers.look(ctx, a.client); err != nil {
		return "", err
	}
	newest := a.barriers.begun()
	if newest.Batch > complete && overdue(newest, now) && now.Sub(begun) > unfinishedFor {
		return fmt.Sprintf("batch %d was begun at %s and is not complete", newest.Batch, time.UnixMicro(newest.Started).UTC().Format(time.RFC3339)), nil
	}
	return "", nil
}

// batchGrace is what a batch may take besides.
const batchGrace = time.Minute

// missedBy is when the schedule has asked twice for a batch after one that was taken at
// the given time; zero where it never asks.
func missedBy(b tables.BatchPolicy, taken time.Time) (time.Time, error) {
	s, err := newSchedule(b, taken)
	if err != nil || s.never() {
		return time.Time{}, err
	}
	next, err := s.after(taken)
	if err == nil {
		next, err = s.after(next)
	}
	if err != nil {
		return time.Time{}, err
	}
	return next.Add(batchGrace), nil
}
