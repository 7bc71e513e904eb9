package batch

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/tables"
)

// scheduleEvery is how often it is looked whether a batch is due.
const scheduleEvery = time.Second

// SchedulerOptions say which table's batches are looked after.
type SchedulerOptions struct {
	Policy  tables.BatchPolicy
	Names   kafka.Names
	Client  *kgo.Client
	Catalog *Catalog
	Clock   func() time.Time
	Events  *events.Listener
	// Mine says whether it is for this process to look after them now.
	Mine func(ctx context.Context) bool
	// Overdue is called with the reason why batches do not come, and with "" when they do.
	Overdue func(why string)
}

// Scheduler begins batches when they are due and removes old manifests.
type Scheduler struct {
	SchedulerOptions
	schedule *schedule
	barriers barriers
	late     lateness
}

// NewScheduler makes a scheduler. Where there is no batch yet, the first one is due by the
// schedule from now on.
func NewScheduler(o SchedulerOptions) (*Scheduler, error) {
	plan, err := newSchedule(o.Policy, o.Clock())
	if err != nil {
		return nil, err
	}
	return &Scheduler{SchedulerOptions: o, schedule: plan, barriers: barriers{topic: o.Names.Batch}}, nil
}

// Run looks after the table's batches until the context is over, while they are this
// process's.
func (s *Scheduler) Run(ctx context.Context) {
	s.late.begin(s.Clock())
	tick := time.NewTicker(scheduleEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !s.Mine(ctx) {
			s.late.begin(s.Clock())
			continue
		}
		s.lookForLate(ctx)
		if err := s.attend(ctx); err != nil && ctx.Err() == nil {
			s.Events.SchedulingFailed(events.SchedulingFailed{Err: err})
		}
	}
}

// attend begins a batch if one is due: it is until it was begun, whatever fails.
func (s *Scheduler) attend(ctx context.Context) error {
	trigger, err := s.trigger(ctx, s.Catalog.Begun())
	if err != nil {
		return err
	}
	if trigger != "" {
		if err := s.begin(ctx); err != nil {
			return err
		}
	}
	return retain(ctx, s.Client, s.Names.Batches, s.Catalog.Batches(), s.Policy, s.Clock())
}

// trigger says why a batch is due, when the newest one was begun at last; empty when none is.
func (s *Scheduler) trigger(ctx context.Context, last time.Time) (string, error) {
	if s.schedule.due(last, s.Clock()) {
		return TriggerSchedule, nil
	}
	full, err := s.deltaFull(ctx)
	if err != nil || !full {
		return "", err
	}
	return TriggerDelta, nil
}

// begin begins a batch, unless one that was begun makes it needless, or is on its way.
func (s *Scheduler) begin(ctx context.Context) error {
	if _, _, err := s.Catalog.Last(ctx, 0); err != nil { // so that all is known
		return err
	}
	if err := s.barriers.look(ctx, s.Client); err != nil {
		return err
	}
	begun, now := s.barriers.begun(), s.Clock()
	all := s.Catalog.Batches()
	if begun.Batch > completeBatch(all) && !overdue(begun, now) {
		return nil
	}
	last := s.Catalog.Begun()
	if begun.Batch > 0 && time.UnixMicro(begun.Started).After(last) {
		last = time.UnixMicro(begun.Started)
	}
	trigger, err := s.trigger(ctx, last)
	if err != nil || trigger == "" {
		return err
	}
	id := max(s.barriers.highest(), s.Catalog.Highest()) + 1
	if _, err := begin(ctx, s.Client, s.Names.Batch, id, int32(len(s.barriers.newest)), trigger, now); err != nil {
		return err
	}
	s.Events.BatchBegun(events.BatchBegun{Batch: id, Trigger: trigger})
	return nil
}

// deltaFull reports whether the changes since the newest batch are more than the
// policy allows.
func (s *Scheduler) deltaFull(ctx context.Context) (bool, error) {
	limit := s.Policy.MaxDelta
	if limit <= 0 {
		return false, nil
	}
	ends, err := kafka.EndOffsets(ctx, s.Client, s.Names.Table)
	if err != nil {
		return false, err
	}
	var delta int64
	for i, end := range ends {
		m, _ := s.Catalog.Known(int32(i))
		delta += end - m.Changelog
	}
	return delta >= limit, nil
}

// unfinishedFor is how long a batch on its way holds back the next one.
const unfinishedFor = 10 * time.Minute

func overdue(c wire.Control, now time.Time) bool {
	return now.Sub(time.UnixMicro(c.Started)) > unfinishedFor
}

// completeBatch returns the highest batch of which there are all manifests, or 0.
func completeBatch(all map[uint64][]wire.Manifest) uint64 {
	var complete uint64
	for id, parts := range all {
		if len(parts) == int(parts[0].Partitions) {
			complete = max(complete, id)
		}
	}
	return complete
}
