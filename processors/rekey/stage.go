package rekey

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
	"github.com/tidemark/tidemark/processors/instrument"
)

// Stage places the records of a table's source. A process runs it for the partitions
// of the topic by keys that it owns.
type Stage struct {
	o       Options
	names   kafka.Names
	metrics *metrics

	mu         sync.Mutex
	partitions int32 // of the source
	grown      chan struct{}
	status     map[int32]Status
}

// Status is how far a partition of the source is.
type Status struct {
	Partition int32
	Source    int64 // next offset to be read; what is before it has been placed
	Err       error // why it does not go on
}

// New makes a stage; Run starts it.
func New(o Options) (*Stage, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("options of placing records by key: %w", err)
	}
	o.defaults()
	if _, err := o.NewSplitter(); err != nil {
		return nil, fmt.Errorf("table %s: %w", o.Table.Name, err)
	}
	return &Stage{
		o: o, names: o.Kafka.Names(o.Table), metrics: newMetrics(instrument.Of(o.Table.Name, o.Registerer)),
		partitions: o.Source.Partitions, grown: make(chan struct{}), status: map[int32]Status{},
	}, nil
}

// Grow says how many partitions the source has now. A source that has become larger
// moves no row: its place is its key's.
func (s *Stage) Grow(partitions int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if partitions <= s.partitions {
		return
	}
	s.o.Logger.Info("source topic has more partitions", "was", s.partitions, "is", partitions)
	s.partitions = partitions
	close(s.grown)
	s.grown = make(chan struct{})
}

func (s *Stage) size() (int32, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.partitions, s.grown
}

// Status returns how far the partitions that are placed here are, in order.
func (s *Stage) Status() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Status
	for _, p := range slices.Sorted(maps.Keys(s.status)) {
		out = append(out, s.status[p])
	}
	return out
}

func (s *Stage) tell(st Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status[st.Partition] = st
}

func (s *Stage) forget(partition int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.status, partition)
}

// Run places the source partitions that belong to a partition of the topic by keys,
// until the context is over.
func (s *Stage) Run(ctx context.Context, share int32) {
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

// supervise places a partition until the context is over, and begins again whenever
// it fails: the newest committed record says where. Whoever was fenced waits longer:
// somebody else has taken the partition over.
func (s *Stage) supervise(ctx context.Context, partition int32) {
	defer s.forget(partition)
	logger := s.o.Logger.With("source_partition", partition)
	pauses := retry.Supervised()
	for ctx.Err() == nil {
		began := time.Now()
		w := &worker{Stage: s, partition: partition, logger: logger}
		err := w.run(ctx)
		if ctx.Err() != nil {
			return
		}
		pause := pauses.Failed(time.Since(began))
		if errors.Is(err, errFenced) {
			pause = pauses.Most
		}
		s.metrics.failures.Inc()
		s.tell(Status{Partition: partition, Source: w.next, Err: err})
		logger.Warn("placing records by key begins again", "error", err, "after", pause)
		_ = retry.Pause(ctx, pause)
	}
}
