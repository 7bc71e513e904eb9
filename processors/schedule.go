package processors

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/adhocore/gronx"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// The triggers of a batch, as its manifests tell them.
const (
	TriggerSchedule = "schedule"
	TriggerDelta    = "delta"
	TriggerDemand   = "demand"
)

// schedule says when the next batch is due by time.
type schedule struct {
	cron  string        // a cron expression, or
	every time.Duration // an interval; neither: on demand only
	next  time.Time     // zero when never
}

const everyPrefix = "@every "

// CheckSchedule says what is wrong with a batch schedule: a cron expression of five
// fields, @every and a duration of at least 1s, or @on-demand.
func CheckSchedule(text string) error {
	_, err := newSchedule(tables.BatchPolicy{Schedule: text}, time.Unix(0, 0))
	return err
}

// newSchedule reads a batch policy's schedule.
func newSchedule(b tables.BatchPolicy, now time.Time) (*schedule, error) {
	s := &schedule{}
	text := strings.TrimSpace(b.Schedule)
	switch {
	case text == "" || text == tables.OnDemand:
		return s, nil
	case strings.HasPrefix(text, everyPrefix):
		d, err := time.ParseDuration(strings.TrimSpace(text[len(everyPrefix):]))
		if err != nil || d < time.Second {
			return nil, fmt.Errorf("batch schedule %q: want @every and a duration of at least 1s, such as @every 30m", text)
		}
		s.every = d
	default:
		if !gronx.IsValid(text) {
			return nil, fmt.Errorf("batch schedule %q: want a cron expression such as 0,30 * * * *, @every 30m or %s", text, tables.OnDemand)
		}
		s.cron = text
	}
	return s, s.plan(now)
}

// plan sets the next time after now.
func (s *schedule) plan(now time.Time) error {
	if s.every > 0 {
		s.next = now.Add(s.every)
		return nil
	}
	if s.cron == "" {
		return nil
	}
	next, err := gronx.NextTickAfter(s.cron, now, false)
	if err != nil {
		return fmt.Errorf("batch schedule %q: %w", s.cron, err)
	}
	s.next = next
	return nil
}

// due reports whether a batch is due, and plans the next one then.
func (s *schedule) due(now time.Time) bool {
	if s.next.IsZero() || now.Before(s.next) {
		return false
	}
	return s.plan(now) == nil
}

// scheduleEvery is how often the owner of partition 0 looks whether a batch is due.
const scheduleEvery = time.Second

// scheduleLoop writes barriers when they are due and removes old manifests, on the
// process that owns partition 0.
func (p *Processor) scheduleLoop(ctx context.Context, s *shared, client *kgo.Client) error {
	sched, err := newSchedule(p.opts.Table.Batch, p.opts.Clock())
	if err != nil {
		return err
	}
	var late lateness
	late.begin(p.opts.Clock())
	tick := time.NewTicker(scheduleEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		due := sched.due(p.opts.Clock())
		if !p.status.owns(0) || !p.filled(ctx) {
			late.begin(p.opts.Clock())
			continue
		}
		late.look(ctx, p, s)
		if err := p.attend(ctx, s, client, due); err != nil && ctx.Err() == nil {
			p.opts.Logger.Warn("scheduling batches", "error", err)
		}
	}
}

func (p *Processor) attend(ctx context.Context, s *shared, client *kgo.Client, due bool) error {
	trigger := TriggerSchedule
	if !due {
		full, err := p.deltaFull(ctx, s, client)
		if err != nil {
			return err
		}
		due, trigger = full, TriggerDelta
	}
	if due {
		id, err := requestBatch(ctx, client, p.names, trigger, p.opts.Clock())
		if err != nil {
			return err
		}
		p.opts.Logger.Info("batch begun", "batch", id, "trigger", trigger)
	}
	return retain(ctx, client, p.names.Batches, s.catalog.batches(), p.opts.Table.Batch, p.opts.Clock())
}

// deltaFull reports whether the changes since the newest batch are more than the
// policy allows, and no batch is on its way.
func (p *Processor) deltaFull(ctx context.Context, s *shared, client *kgo.Client) (bool, error) {
	limit := p.opts.Table.Batch.MaxDelta
	if limit <= 0 {
		return false, nil
	}
	ends, err := kafka.EndOffsets(ctx, client, p.names.Table)
	if err != nil {
		return false, err
	}
	var delta int64
	for i, end := range ends {
		m, _ := s.catalog.known(int32(i))
		delta += end - m.Changelog
	}
	if delta < limit {
		return false, nil
	}
	complete := completeBatch(s.catalog.batches())
	begun, err := newestBarrier(ctx, client, p.names)
	if err != nil {
		return false, err
	}
	return begun.Batch <= complete || overdue(begun, p.opts.Clock()), nil
}

// unfinishedFor is how long a batch on its way holds back the next one.
const unfinishedFor = 10 * time.Minute

func overdue(c codecs.Control, now time.Time) bool {
	return now.Sub(time.UnixMicro(c.Started)) > unfinishedFor
}

// completeBatch returns the highest batch of which there are all manifests, or 0.
func completeBatch(all map[uint64][]codecs.Manifest) uint64 {
	var complete uint64
	for id, parts := range all {
		if len(parts) == int(parts[0].Partitions) {
			complete = max(complete, id)
		}
	}
	return complete
}
