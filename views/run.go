package views

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/replica"
	"github.com/tidemark/tidemark/views/topics"
)

const (
	firstPause = 50 * time.Millisecond
	longPause  = 2 * time.Second
	// steady is how long an attempt must have run for its end to count as the first.
	steady = 30 * time.Second

	noteReading = "reading the changelog"
)

// Run keeps the view current until the context ends. What is wrong with brokers,
// topics and disks is told by Status and tried again; what readers see stays.
//
//	attempt     the topics as they are now; over when one of them is another
//	  tail      manifests and progress
//	  placed    how far the source is in the topic by keys, where there is one
//	  poll      ends of the source topic and the changelog: freshness, stalls
//	  watch     whether the topics are still the same
//	  sessions  one after the other: the rows, and what keeps them current
//	    writer  the one goroutine that changes rows
//	    reader  goka.View over the changelog
//	    seals   merges complete batches and writes their files
func (v *View) Run(ctx context.Context) error {
	if v.ownPool {
		defer v.pool.Close()
	}
	defer v.finish()
	pauses := retry.Backoff{Least: firstPause, Most: longPause, Steady: steady}
	for {
		begun := v.o.Clock()
		v.metrics.Attempts.Inc()
		err := v.attempt(ctx)
		if ctx.Err() != nil {
			return nil
		}
		v.tell(err)
		if retry.Pause(ctx, pauses.Failed(v.o.Clock().Sub(begun))) != nil {
			return nil
		}
	}
}

// tell makes known why an attempt ended.
func (v *View) tell(err error) {
	v.log.Warn("view cannot go on as it is and begins again", "error", err)
	if refuses(err) {
		v.state.refuse(err)
		return
	}
	v.state.say(err.Error())
}

// refuses reports whether the error says that the topics are not the ones that
// the table was declared for: it is no more served as that table.
func refuses(err error) bool {
	var recreated *kafka.RecreatedError
	var partitions *kafka.PartitionsError
	return errors.Is(err, kafka.ErrNoSource) || errors.As(err, &recreated) || errors.As(err, &partitions)
}

// finish closes what the last session has.
func (v *View) finish() {
	if s := v.current.Load(); s != nil {
		s.EndFeed()
		if err := s.Close(); err != nil {
			v.log.Warn("rows were not closed well", "error", err)
		}
	}
}

// attempt runs sessions over the topics as they are now.
func (v *View) attempt(ctx context.Context) error {
	v.state.say("looking for the table's topics")
	env, err := topics.Survey(ctx, v.pool, v.o.Kafka, v.o.Table)
	if err != nil {
		return err
	}
	client, err := topics.Open(v.pool, v.o.Kafka)
	if err != nil {
		return err
	}
	ends, err := client.Ends(ctx, v.names.Batches, v.names.Progress)
	if err != nil {
		return err
	}
	if v.env != env {
		v.batches.Reset(env.Source.Partitions)
		v.seeds.Reset(env.Source.Partitions)
		v.files.Reset()
		v.disputed.Reset()
		v.foreign.Reset()
		v.fresh.Reset(v.o.Clock())
		v.placed.Reset()
		v.forgetProgress()
		v.health.Reset(env.Source.Partitions)
		v.env = env
	}
	told := v.follower(env, ends)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return v.mapFollower(env).Follow(ctx, client) })
	g.Go(func() error { return told.Run(ctx) })
	g.Go(func() error { return v.poll(ctx, client, env) })
	g.Go(func() error { return env.Watch(ctx, client, v.o.WatchEvery) })
	g.Go(func() error { return v.files.Run(ctx) })
	g.Go(func() error {
		if err := told.Await(ctx); err != nil {
			return err
		}
		return v.sessions(ctx, client, env)
	})
	return g.Wait()
}

// mapFollower follows what positions of the topic by keys stand for.
func (v *View) mapFollower(env topics.Set) *progress.MapFollower {
	return &progress.MapFollower{
		Map: v.placed, Pool: v.pool, Topic: v.names.Rekeyed, Set: env,
		ReadersAt: func() tables.Position { return v.Snapshot().Position() },
		Moved:     v.nudge, Unreadable: v.leaveOut, Faults: v.faults,
	}
}

// nudge lets those who wait for a session's place look again.
func (v *View) nudge() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for s := range v.live {
		s.LookAgain()
	}
}

// sessions runs a session, and beside it another that takes its place when its
// rows must be built again.
func (v *View) sessions(ctx context.Context, client *topics.Client, env topics.Set) error {
	if err := v.files.Adopt(env); err != nil {
		return err
	}
	s, err := v.session(ctx, client, env)
	if err != nil {
		return err
	}
	var reaching sync.WaitGroup
	defer reaching.Wait()
	for {
		if err := v.begin(ctx, client, s); err != nil {
			return v.give(s, err)
		}
		reaching.Go(func() { v.reach(s) })
		select {
		case <-s.Ended():
			return v.give(s, s.Err())
		case why := <-s.Wants():
			next, err := v.rebuilt(ctx, client, env, why)
			if err != nil {
				return v.give(s, err)
			}
			s = next // the old one runs on until readers see this one
		}
	}
}

// give ends a session with an error. The one that readers see stays open.
func (v *View) give(s *replica.Replica, err error) error {
	s.Halt()
	v.mu.Lock()
	delete(v.unfiled, s) // empty for one that they see
	v.mu.Unlock()
	cur := v.current.Load()
	if cur == s {
		return err
	}
	if cur != nil {
		cur.Halt()
	}
	return errors.Join(err, s.Close())
}

// begin runs a session and lets readers see it: at once when they see none yet,
// else when it has come to the end of the changelog and to where the old one is.
func (v *View) begin(ctx context.Context, client *topics.Client, s *replica.Replica) error {
	ends, err := client.Ends(ctx, s.Topics().Changelog.Name, s.Topics().Origin.Name)
	if err != nil {
		return err
	}
	changelog, source := tables.Position(ends[s.Topics().Changelog.Name]), tables.Position(ends[s.Topics().Origin.Name])
	s.Aim(changelog, source)
	old := v.current.Load()
	if old == nil {
		if o := s.Origin(); o.Whole() {
			v.fresh.RowsAreOf(o.Taken)
		}
		if err := v.publish(ctx, s); err != nil {
			return err
		}
	}
	v.state.say(noteReading)
	s.Start(ctx)
	if old == nil || old == s {
		v.state.accept()
		return nil
	}
	if err := s.Arrive(changelog, nil); err != nil {
		return err
	}
	old.Halt()
	if at, _ := old.Sight(); old.Topics() == s.Topics() { // readers never go back
		if err := s.Arrive(at.Changelog, v.placed.ToSource(at.Source)); err != nil {
			return err
		}
	}
	if err := s.TakeOver(old); err != nil {
		return err
	}
	if err := v.publish(ctx, s); err != nil {
		return err
	}
	v.state.accept()
	return nil
}

// reach waits until a session has come to where its topics ended when it began:
// the view is ready then.
func (v *View) reach(s *replica.Replica) {
	if err := s.Reach(); err != nil {
		return // the session is over, and says so itself
	}
	v.state.reached.Store(true)
	v.log.Info("view has reached the ends of its topics", "from", s.Origin().From, "rows", s.Snapshot().Rows())
}

// publish lets readers see a session. The one that they saw is closed; snapshots
// of it that they hold stay good.
func (v *View) publish(ctx context.Context, s *replica.Replica) error {
	if err := v.gate.Enter(ctx); err != nil {
		return err
	}
	defer v.gate.Leave()
	old := v.current.Load()
	if old != nil {
		if err := v.gens.Publish(s.Generation()); err != nil { // one that was read from the changelog is not yet
			return err
		}
		old.Metrics().Hide()
	}
	if err := s.Metrics().Show(v.o.Registerer); err != nil {
		if old != nil {
			err = errors.Join(err, old.Metrics().Show(v.o.Registerer)) // it is still the one that is read
		}
		return err
	}
	if old != nil || v.o.Table.Generation > 0 { // the id of who comes back may be of other rows
		s.FollowAnew()
	}
	v.mu.Lock()
	v.current.Store(s)
	close(v.swapped)
	v.swapped = make(chan struct{})
	unfiled := v.unfiled[s]
	delete(v.unfiled, s)
	v.mu.Unlock()
	for _, f := range unfiled {
		v.files.Add(f)
	}
	if old != nil {
		old.EndFeed()
		if err := old.Close(); err != nil {
			v.log.Warn("old rows were not closed well", "error", err)
		}
	}
	return v.gens.Sweep(s.Generation())
}
