package repartition

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/instrument"
)

// Repartitioner copies the records of a table's source into the topic by keys. A process runs it for the partitions
// of the topic by keys that it owns.
type Repartitioner struct {
	o       Options
	names   kafka.Names
	metrics *metrics
	events  *events.Listener

	mu         sync.Mutex
	partitions int32 // of the source
	grown      chan struct{}
	status     map[int32]Status
}

// Status is how far a partition of the source is.
type Status struct {
	Partition int32
	Source    int64 // next offset to be read; what is before it has been copied
	Err       error // why it does not go on
}

// New makes a Repartitioner; Run starts it.
func New(o Options) (*Repartitioner, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("options of repartitioning by key: %w", err)
	}
	o.defaults()
	if _, err := o.NewSplitter(); err != nil {
		return nil, fmt.Errorf("table %s: %w", o.Table.Name, err)
	}
	m := newMetrics(instrument.Of(o.Table.Name, o.Registerer))
	return &Repartitioner{
		o: o, names: o.Kafka.Names(o.Table), metrics: m, events: events.Tee(m.listener(), o.Events).EnsureDefaults(),
		partitions: o.Source.Partitions, grown: make(chan struct{}), status: map[int32]Status{},
	}, nil
}

// Grow says how many partitions the source has now. A source that has become larger
// moves no row: the key decides a row's partition.
func (s *Repartitioner) Grow(partitions int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if partitions <= s.partitions {
		return
	}
	s.events.SourceGrown(events.SourceGrown{Was: s.partitions, Is: partitions})
	s.partitions = partitions
	close(s.grown)
	s.grown = make(chan struct{})
}

func (s *Repartitioner) size() (int32, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.partitions, s.grown
}

// Status returns the progress of the partitions that are copied here, in order.
func (s *Repartitioner) Status() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Status
	for _, p := range slices.Sorted(maps.Keys(s.status)) {
		out = append(out, s.status[p])
	}
	return out
}

func (s *Repartitioner) report(st Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status[st.Partition] = st
}

func (s *Repartitioner) forget(partition int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.status, partition)
}

// Run copies the source partitions that belong to a partition of the topic by keys,
// until the context is over.
func (s *Repartitioner) Run(ctx context.Context, share int32) {
	var parts sync.WaitGroup
	defer parts.Wait()
	for next := share; ; {
		n, grown := s.size()
		for ; next < n; next += s.o.Keyed.Partitions {
			p := next
			parts.Go(func() { s.supervise(ctx, p) })
		}
		select {
		case <-ctx.Done():
			return
		case <-grown:
		}
	}
}

// supervise copies a partition until the context ends, and starts again whenever
// it fails: the newest committed record says where. A process that was fenced waits longer:
// somebody else has taken the partition over.
func (s *Repartitioner) supervise(ctx context.Context, partition int32) {
	defer s.forget(partition)
	ev := s.events.InSource(partition)
	pauses := retry.Supervised()
	for ctx.Err() == nil {
		began := time.Now()
		w := &worker{Repartitioner: s, partition: partition, events: ev}
		err := w.run(ctx)
		if ctx.Err() != nil {
			return
		}
		pause := pauses.Failed(time.Since(began))
		if errors.Is(err, errFenced) {
			pause = pauses.Most
		}
		s.report(Status{Partition: partition, Source: w.next, Err: err})
		ev.RepartitioningRestarts(events.RepartitioningRestarts{Err: err, After: pause})
		_ = retry.Pause(ctx, pause)
	}
}
