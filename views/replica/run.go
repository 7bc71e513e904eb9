package replica

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/views/changelog"
	"github.com/tidemark/tidemark/views/duplicates"
	"github.com/tidemark/tidemark/views/events"
)

const (
	queueLength = 1024 // records between the readers of partitions and the writer
	groupLength = 2048 // most records that become visible at once
)

// Start keeps the replica current until the context ends, Halt is called, or
// something is wrong with it. It may be called again after that: it continues where
// it was.
func (s *Replica) Start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(ctx)
	s.ended, s.err = make(chan struct{}), nil
	go func() {
		defer close(s.ended)
		s.err = s.run(ctx)
	}()
}

// Halt ends what Start began, and waits for it.
func (s *Replica) Halt() {
	if s.stop != nil {
		s.stop()
		<-s.ended
	}
}

func (s *Replica) run(ctx context.Context) error {
	if err := s.count(ctx); err != nil {
		return err
	}
	in := make(chan item, queueLength)
	w, err := newWriter(s, in)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	feed := &Feed{
		in: in, done: ctx.Done(), fingerprint: s.shared.Fingerprint, columns: len(s.shared.Table.Columns),
		rooms: make([]arena, s.set.Changelog.Partitions), from: s.begin, leaveOut: s.shared.Unreadable,
	}
	reader, err := changelog.NewReader(changelog.Options{
		Kafka: s.shared.Kafka, Pool: s.shared.Pool, Topic: s.set.Changelog.Name, Partitions: s.set.Changelog.Partitions,
		Sink: feed, Events: s.shared.Events, Logger: s.shared.Log, Clock: s.shared.Clock,
		Left: func(ctx context.Context, partition int32, from, end int64) (bool, error) {
			return s.shared.View.Deliverable(ctx, s.set.Changelog.Name, partition, from, end)
		},
	})
	if err != nil {
		return err
	}
	g.Go(func() error { return w.run(ctx) })
	defer s.shared.View.Attach(s, feed, reader)()
	g.Go(func() error { return reader.Run(ctx) })
	g.Go(func() error { return (&sealing{s}).run(ctx) })
	g.Go(func() error { return s.nameOutrun(ctx) })
	return g.Wait()
}

// nameOutrun names the replica's keys in several partitions while readers see it.
func (s *Replica) nameOutrun(ctx context.Context) error {
	return duplicates.Name(ctx, duplicates.Naming{
		Keys: s.keys, Rows: s.Disk, Every: s.shared.OutrunEvery, Tell: s.shared.Outrun, Clock: s.shared.Clock,
		Due: func() bool { return s.shared.View.Sees(s) && s.shared.View.Ready() },
		Spoil: func(err error) {
			s.spoil(err)
			s.shared.Events.DuplicatesNotNamed(events.DuplicatesNotNamed{Err: err})
		},
	})
}
