package views

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/topics"
)

const (
	pollTimeout = 2 * time.Second
	touchEvery  = time.Minute
)

// errShrunk says that the changelog ends before what was read of it.
var errShrunk = errors.New("the changelog ends before what was read of it")

// errGone says that the changelog was deleted. Its processors make it again.
var errGone = errors.New("the changelog was deleted")

// poll asks for the ends of the source topic and the changelog, again and again:
// for freshness, and to notice partitions that stand still below their end.
func (v *View) poll(ctx context.Context, client *topics.Client, env environment) error {
	tick := time.NewTicker(v.o.PollEvery)
	defer tick.Stop()
	b := newBarren(v, env.origin)
	var touched time.Time
	var shrunk bool
	for {
		read := v.readOf(env) // before the ends are asked for: it goes on meanwhile
		holes := v.holesOf()
		if found, ok := v.ask(ctx, client, env); ok {
			ends := tables.Position(found[env.changelog.Name])
			again := shrunk
			if shrunk = !ends.Reaches(read); shrunk && again { // twice: a new leader may not know all at once
				return fmt.Errorf("%w: it ends at %s, read until %s", errShrunk, ends, read)
			}
			v.tellEnds(ends, holes)
			v.useEnds(ctx, ends)
			b.look(ctx, found[env.origin.Name])
			if now := v.o.Clock(); now.Sub(touched) > touchEvery && v.touch(env, found[env.changelog.Name]) {
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
func (v *View) ask(ctx context.Context, client *topics.Client, env environment) (map[string][]int64, bool) {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	at, head := v.o.Clock(), v.highest()
	found, err := client.Ends(ctx, env.origin.Name, env.changelog.Name)
	if err != nil {
		v.metrics.polls.WithLabelValues("failed").Inc()
		v.log.Debug("ends of topics are not known", "error", err)
		return nil, false
	}
	// Asked for last: what became readable meanwhile must not hide what is not.
	all, err := client.Watermarks(ctx, env.origin.Name)
	if err != nil {
		v.metrics.polls.WithLabelValues("failed").Inc()
		v.log.Debug("ends of topics are not known", "error", err)
		return nil, false
	}
	v.metrics.polls.WithLabelValues("answered").Inc()
	v.fresh.add(at, all, head)
	return found, true
}

// readOf returns how far readers see the changelog.
func (v *View) readOf(env environment) tables.Position {
	if s := v.current.Load(); s != nil && s.env == env {
		return s.place.at().changelog
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
func (v *View) touch(env environment, ends tables.Position) bool {
	s := v.current.Load()
	if s == nil || s.env != env || !s.place.at().changelog.Reaches(ends) {
		return false
	}
	if err := s.disk().Touch(); err != nil {
		v.log.Warn("clock of the rows on disk could not be set", "error", err)
		return false
	}
	return true
}

// watch asks whether the topics are still the ones that the attempt began with.
func (v *View) watch(ctx context.Context, client *topics.Client, env environment) error {
	tick := time.NewTicker(v.o.WatchEvery)
	defer tick.Stop()
	var suspect error
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		err := v.same(ctx, client, env)
		if err != nil && suspect != nil {
			return err // seen twice: brokers that have just started may not know a topic yet
		}
		suspect = err
	}
}

// same compares the topics with those of an attempt. Brokers that do not answer
// tell nothing.
func (v *View) same(ctx context.Context, client *topics.Client, env environment) error {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	for _, before := range []kafka.Topic{env.source, env.origin, env.changelog} {
		now, err := client.Describe(ctx, before.Name)
		if before.Partitions == 0 {
			now.Partitions = 0
		}
		if errors.Is(err, kafka.ErrNoSource) && before == env.changelog {
			return errGone
		}
		if errors.Is(err, kafka.ErrNoSource) {
			return err
		}
		if err != nil {
			return nil
		}
		if err := now.Since(before); err != nil {
			return err
		}
	}
	return nil
}
