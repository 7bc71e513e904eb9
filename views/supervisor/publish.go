package supervisor

import (
	"context"
	"errors"
	"sync"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/replica"
	"github.com/tidemark/tidemark/views/topics"
)

// replicas runs a replica, and beside it another that takes its place when its
// rows must be built again.
func (u *Supervisor) replicas(ctx context.Context, client *topics.Client, env topics.Set) error {
	if err := u.parts.Files.Adopt(env); err != nil {
		return err
	}
	s, err := u.loader.choose(ctx, client, env)
	if err != nil {
		return err
	}
	var reaching sync.WaitGroup
	defer reaching.Wait()
	for {
		if err := u.begin(ctx, client, s); err != nil {
			return u.give(s, err)
		}
		reaching.Go(func() { u.reach(s) })
		select {
		case <-s.Ended():
			return u.give(s, s.Err())
		case why := <-s.Wants():
			next, err := u.loader.rebuilt(ctx, client, env, why)
			if err != nil {
				return u.give(s, err)
			}
			s = next // the old one runs on until readers see this one
		}
	}
}

// give ends a replica with an error. The one that readers see stays open.
func (u *Supervisor) give(s *replica.Replica, err error) error {
	s.Halt()
	u.shown.forget(s) // nothing for one that they see
	cur := u.Current()
	if cur == s {
		return err
	}
	if cur != nil {
		cur.Halt()
	}
	return errors.Join(err, s.Close())
}

// begin runs a replica and lets readers see it: at once when they see none yet,
// else when it has come to the end of the changelog and to where the old one is.
func (u *Supervisor) begin(ctx context.Context, client *topics.Client, s *replica.Replica) error {
	ends, err := client.Ends(ctx, s.Topics().Changelog.Name, s.Topics().Origin.Name)
	if err != nil {
		return err
	}
	changelog, source := tables.Position(ends[s.Topics().Changelog.Name]), tables.Position(ends[s.Topics().Origin.Name])
	s.Aim(changelog, source)
	old := u.Current()
	if old == nil {
		if o := s.Origin(); o.Whole() {
			u.parts.Ends.RowsAreOf(o.Taken)
		}
		if err := u.publish(ctx, s); err != nil {
			return err
		}
	}
	u.state.say(noteReading)
	s.Start(ctx)
	if old == nil || old == s {
		u.state.accept()
		return nil
	}
	if err := s.Arrive(changelog, nil); err != nil {
		return err
	}
	old.Halt()
	if at, _ := old.Sight(); old.Topics() == s.Topics() { // readers never go back
		if err := s.Arrive(at.Changelog, u.parts.SourceMap.ToSource(at.Source)); err != nil {
			return err
		}
	}
	if err := s.TakeOver(old); err != nil {
		return err
	}
	if err := u.publish(ctx, s); err != nil {
		return err
	}
	u.state.accept()
	return nil
}

// reach waits until a replica has come to where its topics ended when it began:
// the view is ready then.
func (u *Supervisor) reach(s *replica.Replica) {
	if err := s.Reach(); err != nil {
		return // the replica is over, and says so itself
	}
	u.events.EndsReached(events.EndsReached{From: s.Origin().From, Rows: s.Snapshot().Rows()})
	u.state.reached.Store(true) // whoever asks from here on can read in the log where the rows came from
}

// publish lets readers see a replica. The one that they saw is closed; snapshots
// of it that they hold stay good.
func (u *Supervisor) publish(ctx context.Context, s *replica.Replica) error {
	if err := u.shared.Gate.Enter(ctx); err != nil {
		return err
	}
	defer u.shared.Gate.Leave()
	old := u.Current()
	if old != nil {
		if err := u.shared.Generations.Publish(s.Generation()); err != nil { // one that was read from the changelog is not yet
			return err
		}
		old.Metrics().Hide()
	}
	if err := s.Metrics().Show(u.o.Registerer); err != nil {
		if old != nil {
			err = errors.Join(err, old.Metrics().Show(u.o.Registerer)) // it is still the one that is read
		}
		return err
	}
	if old != nil || u.o.Table.Generation > 0 { // the id of who comes back may be of other rows
		s.FollowAnew()
	}
	u.shown.swap(s)
	if old != nil {
		old.EndFeed()
		if err := old.Close(); err != nil {
			u.events.RowsNotClosed(events.RowsNotClosed{Old: true, Err: err})
		}
	}
	return u.shared.Generations.Sweep(s.Generation())
}
