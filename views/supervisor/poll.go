package supervisor

import (
	"context"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/topics"
)

const (
	pollTimeout = 2 * time.Second
	touchEvery  = time.Minute
)

// poll asks for the ends of the source topic and the changelog, again and again:
// for freshness, and to notice partitions that stand still below their end.
func (u *Supervisor) poll(ctx context.Context, client *topics.Client, env topics.Set) error {
	tick := time.NewTimer(0)
	defer tick.Stop()
	tails := &progress.TailFinder{Ends: u.parts.Ends, Deliverable: func(ctx context.Context, p int32, from, end int64) (bool, error) {
		return u.deliverable(ctx, env.Origin.Name, p, from, end)
	}}
	var touched time.Time
	var shrunk bool
	for {
		read := u.readOf(env) // before the ends are asked for: it continues meanwhile
		holes := u.attached.holesOf()
		if found, ok := u.ask(ctx, client, env); ok {
			ends := tables.Position(found[env.Changelog.Name])
			again := shrunk
			if shrunk = !ends.Reaches(read); shrunk && again { // twice: a new leader may not know all at once
				return fmt.Errorf("%w: it ends at %s, read until %s", topics.ErrShrunk, ends, read)
			}
			u.attached.tellEnds(ends, holes)
			u.useEnds(ctx, ends)
			tails.Look(ctx, u.o.Clock(), u.ToSource(u.place()), found[env.Origin.Name], u.awaited.Swap(false))
			if now := u.o.Clock(); now.Sub(touched) > touchEvery && u.touch(env, found[env.Changelog.Name]) {
				touched = now
			}
		}
		tick.Reset(kafka.UntilTogether(u.o.PollEvery)) // with all other tables
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		case <-u.poke:
		}
		u.o.Polled()
	}
}

// ask polls once. Brokers that do not answer are no fault: the age grows.
func (u *Supervisor) ask(ctx context.Context, client *topics.Client, env topics.Set) (map[string][]int64, bool) {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	at, head := u.o.Clock(), u.highest()
	found, err := client.Ends(ctx, env.Origin.Name, env.Changelog.Name)
	if err != nil {
		u.events.PollFailed(events.PollFailed{Err: err})
		return nil, false
	}
	// Asked for last: what became readable meanwhile must not hide what is not.
	all, err := client.Watermarks(ctx, env.Origin.Name)
	if err != nil {
		u.events.PollFailed(events.PollFailed{Err: err})
		return nil, false
	}
	u.parts.Counters.Polls.WithLabelValues("answered").Inc()
	u.parts.Ends.Add(at, all, head)
	return found, true
}

// readOf returns how far readers see the changelog.
func (u *Supervisor) readOf(env topics.Set) tables.Position {
	if s := u.Current(); s != nil && s.Topics() == env {
		return s.At().Changelog
	}
	return nil
}

// useEnds looks after partitions of the changelog that stand still.
func (u *Supervisor) useEnds(ctx context.Context, ends tables.Position) {
	for _, r := range u.attached.readers() {
		if err := r.Ends(ctx, ends); err != nil {
			u.events.StandstillNotKnown(events.StandstillNotKnown{Err: err})
		}
	}
}

// touch says that the rows on disk are current, when they are.
func (u *Supervisor) touch(env topics.Set, ends tables.Position) bool {
	s := u.Current()
	if s == nil || s.Topics() != env || !s.At().Changelog.Reaches(ends) {
		return false
	}
	if err := s.Disk().Touch(); err != nil {
		u.events.RowsNotTouched(events.RowsNotTouched{Err: err})
		return false
	}
	return true
}

// highest returns the highest position that was seen of the database's log, in any table of
// the connector.
func (u *Supervisor) highest() tables.SourcePosition {
	if head, ok := u.o.Logs.Head(progress.ConnectorOf(u.o.Table.Source.Topic)); ok {
		return head
	}
	var out tables.SourcePosition
	if s := u.Current(); s != nil {
		at, _ := s.Sight()
		for _, top := range at.Top {
			if top.Known() && (!out.Known() || top.Kind == out.Kind && top.Compare(out) > 0) {
				out = top
			}
		}
	}
	return out
}
