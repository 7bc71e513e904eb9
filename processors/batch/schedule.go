package batch

import (
	"fmt"
	"strings"
	"time"

	"github.com/adhocore/gronx"

	"github.com/tidemark/tidemark/tables"
)

// The triggers of a batch, as its manifests name them.
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
