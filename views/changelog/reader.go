package changelog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/views/events"
)

// Record is one record of the changelog.
type Record struct {
	Partition int32
	Offset    int64
	Key       string
	Value     []byte // nil for a tombstone
	Stamp     []byte // the header that says where the record comes from, nil when absent
	Whole     []byte // the header that says from where on the rows are whole again, nil when they are
	Deletion  []byte // the header that says what a tombstone has deleted, nil when absent
	Time      time.Time
}

// Sink takes what a Reader reads. Each partition has one goroutine that calls it.
type Sink interface {
	// Resume returns the offset to begin at; the oldest there is when it is less.
	Resume(partition int32) int64
	// Take takes a record. It may block; an error makes the partition start again.
	Take(Record) error
	// Skip says that nothing before next is left to be delivered.
	Skip(partition int32, next int64) error
}

// Options say what is read.
type Options struct {
	Kafka      kafka.Settings
	Pool       *logread.Pool // of clients; nil: one of its own, for as long as Run lasts
	Topic      string
	Partitions int32
	Sink       Sink
	Events     *events.Listener // default: none
	Logger     *slog.Logger     // of goka's lines; default: none
	// Stall is how long a partition may stand still below the end of its topic
	// before the broker is asked what is left to deliver; 1 s when 0.
	Stall time.Duration
	// Left reports whether anything is left to deliver of a partition between two
	// offsets; the brokers are asked when nil.
	Left func(ctx context.Context, partition int32, from, end int64) (bool, error)
	// Clock is time.Now when nil.
	Clock func() time.Time
}

// Validate says what is missing.
func (o Options) Validate() error {
	var errs []error
	if o.Topic == "" {
		errs = append(errs, errors.New("no Topic is given"))
	}
	if o.Partitions < 1 {
		errs = append(errs, fmt.Errorf("the number of Partitions is %d, want at least 1", o.Partitions))
	}
	if o.Sink == nil {
		errs = append(errs, errors.New("no Sink is given"))
	}
	return errors.Join(append(errs, o.Kafka.Validate())...)
}

// Reader reads the changelog of one table.
type Reader struct {
	o          Options
	partitions []*partition
	release    func() // of the pool
	restarts   atomic.Int64
	told       time.Time // when Ends was last called
	since      time.Time // from when on it was called without a gap

	mu      sync.Mutex
	restart func(cause error) // of the view that runs, nil between two
}

// partition is what is known of one partition. Its place outlives the views that
// read it: the next one continues there.
type partition struct {
	next      atomic.Int64 // the offset to be read next
	moved     atomic.Int64 // when next last moved, in nanoseconds since the epoch
	recovered atomic.Bool  // goka holds the partition for recovered, in the view that runs
	busy      atomic.Bool  // the sink has a record in its hands
	ask       time.Time    // not to be asked about before; of the goroutine that calls Ends
}

// NewReader returns a Reader that begins where the sink says.
func NewReader(o Options) (*Reader, error) {
	o.Events = o.Events.EnsureDefaults()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Stall == 0 {
		o.Stall = time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("options of a changelog reader: %w", err)
	}
	r := &Reader{}
	o.Pool, r.release = o.Pool.Or(o.Kafka)
	if o.Left == nil {
		o.Left = o.left
	}
	r.o = o
	for p := range o.Partitions {
		part := &partition{}
		part.next.Store(o.Sink.Resume(p))
		part.moved.Store(o.Clock().UnixNano())
		r.partitions = append(r.partitions, part)
	}
	return r, nil
}

// Restarts returns how often the view had to be built again.
func (r *Reader) Restarts() int64 { return r.restarts.Load() }

// Run reads until the context ends: views end, and are built again. It may be
// called once.
func (r *Reader) Run(ctx context.Context) error {
	defer r.release()
	backoff := retry.Supervised()
	for ctx.Err() == nil {
		begun := r.o.Clock()
		err := r.view(ctx)
		if ctx.Err() != nil {
			break
		}
		r.restarts.Add(1)
		if errors.Is(err, errMovedOn) {
			continue
		}
		pause := backoff.Failed(r.o.Clock().Sub(begun))
		r.o.Events.ChangelogRestarts(events.ChangelogRestarts{Topic: r.o.Topic, Pause: pause, Err: err})
		if retry.Pause(ctx, pause) != nil {
			break
		}
	}
	return context.Cause(ctx)
}

func (r *Reader) take(rec Record) error {
	p := r.partitions[rec.Partition]
	p.busy.Store(true)
	err := r.o.Sink.Take(rec)
	p.busy.Store(false)
	if err == nil {
		r.advance(p, rec.Offset+1)
	}
	return err
}

func (r *Reader) advance(p *partition, next int64) {
	p.next.Store(next)
	p.moved.Store(r.o.Clock().UnixNano())
}

// again ends the view that runs, if any, for the reason given.
func (r *Reader) again(cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.restart != nil {
		r.restart(cause)
	}
}
