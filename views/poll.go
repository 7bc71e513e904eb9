package views

import (
	"context"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/topics"
)

const (
	pollTimeout = 2 * time.Second
	touchEvery  = time.Minute
)

// poll asks for the ends of the source topic and the changelog, again and again:
// for freshness, and to notice partitions that stand still below their end.
func (v *View) poll(ctx context.Context, client *topics.Client, env topics.Set) error {
	tick := time.NewTicker(v.o.PollEvery)
	defer tick.Stop()
	tails := &progress.TailFinder{Ends: v.fresh, Deliverable: func(ctx context.Context, p int32, from, end int64) (bool, error) {
		return v.Deliverable(ctx, env.Origin.Name, p, from, end)
	}}
	var touched time.Time
	var shrunk bool
	for {
		read := v.readOf(env) // before the ends are asked for: it goes on meanwhile
		holes := v.holesOf()
		if found, ok := v.ask(ctx, client, env); ok {
			ends := tables.Position(found[env.Changelog.Name])
			again := shrunk
			if shrunk = !ends.Reaches(read); shrunk && again { // twice: a new leader may not know all at once
				return fmt.Errorf("%w: it ends at %s, read until %s", topics.ErrShrunk, ends, read)
			}
			v.tellEnds(ends, holes)
			v.useEnds(ctx, ends)
			tails.Look(ctx, v.o.Clock(), v.Position(v.Snapshot()), found[env.Origin.Name], v.awaited.Swap(false))
			if now := v.o.Clock(); now.Sub(touched) > touchEvery && v.touch(env, found[env.Changelog.Name]) {
				touched = now
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		case <-v.poke:
		}
		v.pins.trim()
	}
}

// ask polls once. Brokers that do not answer are no fault: the age grows.
func (v *View) ask(ctx context.Context, client *topics.Client, env topics.Set) (map[string][]int64, bool) {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	at, head := v.o.Clock(), v.highest()
	found, err := client.Ends(ctx, env.Origin.Name, env.Changelog.Name)
	if err != nil {
		v.metrics.Polls.WithLabelValues("failed").Inc()
		v.log.Debug("ends of topics are not known", "error", err)
		return nil, false
	}
	// Asked for last: what became readable meanwhile must not hide what is not.
	all, err := client.Watermarks(ctx, env.Origin.Name)
	if err != nil {
		v.metrics.Polls.WithLabelValues("failed").Inc()
		v.log.Debug("ends of topics are not known", "error", err)
		return nil, false
	}
	v.metrics.Polls.WithLabelValues("answered").Inc()
	v.fresh.Add(at, all, head)
	return found, true
}

// readOf returns how far readers see the changelog.
func (v *View) readOf(env topics.Set) tables.Position {
	if s := v.current.Load(); s != nil && s.Topics() == env {
		return s.At().Changelog
	}
	return nil
}

// useEnds looks after partitions of the changelog that stand still.
func (v *View) useEnds(ctx context.Context, ends tables.Position) {
	for _, r := range v.readers() {
		if err := r.Ends(ctx, ends); err != nil {
			v.log.Debug("partition that stands still could not be looked at", "error", err)
		}
	}
}

// touch says that the rows on disk are current, when they are.
func (v *View) touch(env topics.Set, ends tables.Position) bool {
	s := v.current.Load()
	if s == nil || s.Topics() != env || !s.At().Changelog.Reaches(ends) {
		return false
	}
	if err := s.Disk().Touch(); err != nil {
		v.log.Warn("clock of the rows on disk could not be set", "error", err)
		return false
	}
	return true
}
