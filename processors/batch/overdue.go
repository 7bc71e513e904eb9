package batch

import (
	"context"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/tables"
)

// overdueEvery is how often it is looked whether batches come.
const overdueEvery = 15 * time.Second

// lateness looks whether batches come. The time counts from when this process could
// have seen to it.
type lateness struct {
	begun, looked time.Time
}

func (l *lateness) begin(now time.Time) { *l = lateness{begun: now, looked: now} }

// lookForLate reports when batches do not come.
func (s *Scheduler) lookForLate(ctx context.Context) {
	now := s.Clock()
	if now.Sub(s.late.looked) < overdueEvery {
		return
	}
	s.late.looked = now
	why, err := s.lateBatch(ctx, s.late.begun)
	if err != nil {
		s.Events.LatenessNotKnown(events.LatenessNotKnown{Err: err})
		return
	}
	s.Overdue(why)
}

// lateBatch says which batch has not come; empty when all have.
func (s *Scheduler) lateBatch(ctx context.Context, begun time.Time) (string, error) {
	now, all := s.Clock(), s.Catalog.Batches()
	complete, taken := completeBatch(all), begun
	for _, m := range all[complete] {
		if at := time.UnixMicro(m.Started); at.After(taken) {
			taken = at
		}
	}
	at, err := missedBy(s.Policy, taken)
	if err != nil {
		return "", err
	}
	if !at.IsZero() && now.After(at) {
		return fmt.Sprintf("no batch since %s, with the schedule %s", taken.UTC().Format(time.RFC3339), s.Policy.Schedule), nil
	}
	if err := s.barriers.look(ctx, s.Client); err != nil {
		return "", err
	}
	newest := s.barriers.begun()
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
