package supervisor

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/topics"
)

const (
	firstPause = 50 * time.Millisecond
	longPause  = 2 * time.Second
	// steady is how long an attempt must have run for its end to count as the first.
	steady = 30 * time.Second
)

// Run keeps the view current until the context ends. What is wrong with brokers,
// topics and disks is reported by Status and tried again; what readers see stays.
//
//	attempt     the topics as they are now; over when one of them is another
//	  reports   manifests and progress
//	  map       how far the source is in the topic by keys, where there is one
//	  poll      ends of the source topic and the changelog: freshness, stalls
//	  watch     whether the topics are still the same
//	  replicas  one after the other: the rows, and what keeps them current
//	    writer  the one goroutine that changes rows
//	    reader  goka.View over the changelog
//	    seals   merges complete batches and writes their files
func (u *Supervisor) Run(ctx context.Context) error {
	defer u.release()
	defer u.finish()
	pauses := retry.Backoff{Least: firstPause, Most: longPause, Steady: steady}
	for {
		begun := u.o.Clock()
		u.parts.Counters.Attempts.Inc()
		err := u.attempt(ctx)
		if ctx.Err() != nil {
			return nil
		}
		u.tell(err)
		if retry.Pause(ctx, pauses.Failed(u.o.Clock().Sub(begun))) != nil {
			return nil
		}
	}
}

// tell reports why an attempt ended.
func (u *Supervisor) tell(err error) {
	u.events.ViewRestarts(events.ViewRestarts{Err: err})
	if refuses(err) {
		u.state.refuse(err)
		return
	}
	u.state.say(err.Error())
}

// refuses reports whether the error says that the topics are not the ones that
// the table was declared for: it is no more served as that table.
func refuses(err error) bool {
	var recreated *kafka.RecreatedError
	var partitions *kafka.PartitionsError
	return errors.Is(err, kafka.ErrNoSource) || errors.As(err, &recreated) || errors.As(err, &partitions)
}

// finish closes what the last replica has.
func (u *Supervisor) finish() {
	if s := u.Current(); s != nil {
		s.EndFeed()
		if err := s.Close(); err != nil {
			u.events.RowsNotClosed(events.RowsNotClosed{Err: err})
		}
	}
}

// attempt runs replicas over the topics as they are now.
func (u *Supervisor) attempt(ctx context.Context) error {
	u.state.say("looking for the table's topics")
	env, err := topics.Survey(ctx, u.pool, u.o.Kafka, u.o.Table)
	if err != nil {
		return err
	}
	client, err := topics.Open(u.pool, u.o.Kafka)
	if err != nil {
		return err
	}
	ends, err := client.Ends(ctx, u.names.Batches, u.names.Progress)
	if err != nil {
		return err
	}
	if u.env != env {
		u.parts.Manifests.Reset(env.Source.Partitions)
		u.parts.Bootstrap.Reset(env.Source.Partitions)
		u.parts.Files.Reset()
		u.parts.Disputes.Reset()
		u.parts.OtherSchema.Reset()
		u.parts.Ends.Reset(u.o.Clock())
		u.parts.SourceMap.Reset()
		u.attached.forget()
		u.parts.Health.Reset(env.Source.Partitions)
		u.env = env
	}
	told := u.follower(env, ends)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return u.mapFollower(env).Follow(ctx, client) })
	g.Go(func() error { return told.Run(ctx) })
	g.Go(func() error { return u.poll(ctx, client, env) })
	g.Go(func() error { return env.Watch(ctx, client, u.o.WatchEvery) })
	g.Go(func() error { return u.parts.Files.Run(ctx) })
	g.Go(func() error {
		if err := told.Await(ctx); err != nil {
			return err
		}
		return u.replicas(ctx, client, env)
	})
	return g.Wait()
}
