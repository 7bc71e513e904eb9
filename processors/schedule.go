package processors

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/adhocore/gronx"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// The triggers of a batch, as its manifests tell them.
const (
	TriggerSchedule = "schedule"
	TriggerDelta    = "delta"
	TriggerDemand   = "demand"
)

// schedule says when the next batch is due by time. It is counted from the newest batch
// that was begun, by whomever, so a new owner sees what the old one has missed.
type schedule struct {
	cron  string        // a cron expression, in UTC, or
	every time.Duration // an interval; neither: on demand only
	since time.Time     // counts where there is no batch yet

	last, next time.Time // the time of a batch, and when the one after it is due
	odd        time.Time // the time of a batch that lies ahead of this process's clock
	oddSeen    time.Time // and when it was first seen
}

const everyPrefix = "@every "

// cronFields is how many fields a cron expression has.
const cronFields = 5

// CheckSchedule says what is wrong with a batch schedule: a cron expression of five
// fields, in UTC, @every and a duration of at least 1s, or @on-demand.
func CheckSchedule(text string) error {
	_, err := newSchedule(tables.BatchPolicy{Schedule: text}, time.Unix(0, 0))
	return err
}

// newSchedule reads a batch policy's schedule.
func newSchedule(b tables.BatchPolicy, now time.Time) (*schedule, error) {
	s := &schedule{since: now}
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
		if len(strings.Fields(text)) != cronFields || !gronx.IsValid(text) {
			return nil, fmt.Errorf("batch schedule %q: want a cron expression of five fields such as 0,30 * * * *, @every 30m or %s", text, tables.OnDemand)
		}
		s.cron = text
	}
	_, err := s.after(now)
	return s, err
}

// never reports whether batches are on demand only.
func (s *schedule) never() bool { return s.cron == "" && s.every == 0 }

// after is the first time after a batch at which one is due.
func (s *schedule) after(t time.Time) (time.Time, error) {
	if s.every > 0 {
		return t.Add(s.every), nil
	}
	next, err := gronx.NextTickAfter(s.cron, t.UTC(), false)
	if err != nil {
		return time.Time{}, fmt.Errorf("batch schedule %q: %w", s.cron, err)
	}
	return next, nil
}

// due reports whether a batch is due, when the newest one was begun at last, or never.
func (s *schedule) due(last, now time.Time) bool {
	if s.never() {
		return false
	}
	switch {
	case last.IsZero():
		last = s.since
	case last.After(now): // another process's clock is ahead: it counts from when it was seen
		if !last.Equal(s.odd) {
			s.odd, s.oddSeen = last, now
		}
		last = s.oddSeen
	}
	if !last.Equal(s.last) {
		next, err := s.after(last)
		if err != nil {
			return false // refused when the schedule was read
		}
		s.last, s.next = last, next
	}
	return !now.Before(s.next)
}

// scheduleEvery is how often the owner of partition 0 looks whether a batch is due.
const scheduleEvery = time.Second

// scheduler begins batches when they are due and removes old manifests.
type scheduler struct {
	*Processor
	catalog  *catalog
	client   *kgo.Client
	schedule *schedule
	barriers barriers
}

// scheduleLoop attends to the table's batches, on the process that owns partition 0.
func (p *Processor) scheduleLoop(ctx context.Context, s *shared, client *kgo.Client) error {
	plan, err := newSchedule(p.opts.Table.Batch, p.opts.Clock())
	if err != nil {
		return err
	}
	a := &scheduler{Processor: p, catalog: s.catalog, client: client, schedule: plan, barriers: barriers{topic: p.names.Batch}}
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
		if !p.status.owns(0) || !p.filled(ctx) {
			late.begin(p.opts.Clock())
			continue
		}
		late.look(ctx, a, s)
		if err := a.attend(ctx); err != nil && ctx.Err() == nil {
			p.opts.Logger.Warn("scheduling batches", "error", err)
		}
	}
}

// attend begins a batch if one is due: it is until it was begun, whatever fails.
func (a *scheduler) attend(ctx context.Context) error {
	trigger, err := a.trigger(ctx, a.catalog.begun())
	if err != nil {
		return err
	}
	if trigger != "" {
		if err := a.begin(ctx); err != nil {
			return err
		}
	}
	return retain(ctx, a.client, a.names.Batches, a.catalog.batches(), a.opts.Table.Batch, a.opts.Clock())
}

// trigger says why a batch is due, when the newest one was begun at last; empty when none is.
func (a *scheduler) trigger(ctx context.Context, last time.Time) (string, error) {
	if a.schedule.due(last, a.opts.Clock()) {
		return TriggerSchedule, nil
	}
	full, err := a.deltaFull(ctx)
	if err != nil || !full {
		return "", err
	}
	return TriggerDelta, nil
}

// begin begins a batch, unless one that was begun makes it needless, or is on its way.
func (a *scheduler) begin(ctx context.Context) error {
	if _, _, err := a.catalog.last(ctx, 0); err != nil { // so that all is known
		return err
	}
	if err := a.barriers.look(ctx, a.client); err != nil {
		return err
	}
	begun, now := a.barriers.begun(), a.opts.Clock()
	all := a.catalog.batches()
	if begun.Batch > completeBatch(all) && !overdue(begun, now) {
		return nil
	}
	last := a.catalog.begun()
	if begun.Batch > 0 && time.UnixMicro(begun.Started).After(last) {
		last = time.UnixMicro(begun.Started)
	}
	trigger, err := a.trigger(ctx, last)
	if err != nil || trigger == "" {
		return err
	}
	id := max(a.barriers.highest(), a.catalog.highest()) + 1
	if _, err := beginBatch(ctx, a.client, a.names.Batch, id, int32(len(a.barriers.newest)), trigger, now); err != nil {
		return err
	}
	a.opts.Logger.Info("batch begun", "batch", id, "trigger", trigger)
	return nil
}

// deltaFull reports whether the changes since the newest batch are more than the
// policy allows.
func (a *scheduler) deltaFull(ctx context.Context) (bool, error) {
	limit := a.opts.Table.Batch.MaxDelta
	if limit <= 0 {
		return false, nil
	}
	ends, err := kafka.EndOffsets(ctx, a.client, a.names.Table)
	if err != nil {
		return false, err
	}
	var delta int64
	for i, end := range ends {
		m, _ := a.catalog.known(int32(i))
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
