package redelivery

import (
	"context"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/intake"
	"github.com/tidemark/tidemark/processors/pending"
)

// Record is a record that was read once more.
type Record struct {
	Source *kgo.Record
	Err    error // why it could not be read
	// Waits says that nobody asks for it again: where it cannot be decoded now, it is brought later.
	Waits bool
	// Fold is called by the goroutine that folds, with the decoded record, or with the error.
	Fold func(e *pending.Entry, err error) error

	entry *pending.Entry
}

// Redelivery has the records of a run that are on their way.
type Redelivery struct {
	ctx    context.Context // of the run's background
	begin  func(f func()) bool
	intake *intake.Intake
	loaded chan func()

	mu    sync.Mutex
	ready []*Record
}

// New makes it for a run whose background work ends with the context. begin runs f in the
// background.
func New(ctx context.Context, begin func(f func()) bool, in *intake.Intake) *Redelivery {
	return &Redelivery{ctx: ctx, begin: begin, intake: in, loaded: make(chan func())}
}

// Register has the records folded.
func (r *Redelivery) Register(b *bus.Bus) { b.On(bus.Reread, r.fold) }

// Loaded is what the feeder is to call, one after the other: each decodes a record, which an event
// then has folded.
func (r *Redelivery) Loaded() <-chan func() { return r.loaded }

// Bring hands a record to the feeder. It waits for that.
func (r *Redelivery) Bring(a *Record) {
	select {
	case r.loaded <- func() { r.decode(a) }:
	case <-r.ctx.Done():
	}
}

// rest is how long a record rests that could not be decoded.
const rest = 2 * time.Second

// bringLater brings a record again that could not be decoded now.
func (r *Redelivery) bringLater(a *Record) {
	r.begin(func() {
		if retry.Pause(r.ctx, rest) == nil {
			r.Bring(a)
		}
	})
}

// decode is the feeder's part.
func (r *Redelivery) decode(a *Record) {
	if a.Err == nil {
		a.entry = &pending.Entry{}
		err := r.intake.Decode(a.entry, messageOf(a.Source))
		if err != nil && a.Waits {
			r.bringLater(a)
			return
		}
		a.Err = err // who asked for it can ask again
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ready = append(r.ready, a)
}

// fold is the part of the goroutine that folds.
func (r *Redelivery) fold(bus.Event) error {
	r.mu.Lock()
	ready := r.ready
	r.ready = nil
	r.mu.Unlock()
	for _, a := range ready {
		if err := a.Fold(a.entry, a.Err); err != nil {
			return err
		}
	}
	return nil
}

// messageOf is a record as the source's consumer would have delivered it.
func messageOf(rec *kgo.Record) *sarama.ConsumerMessage {
	m := &sarama.ConsumerMessage{
		Topic: rec.Topic, Partition: rec.Partition, Offset: rec.Offset, Timestamp: rec.Timestamp, Key: rec.Key, Value: rec.Value,
	}
	for _, h := range rec.Headers {
		m.Headers = append(m.Headers, &sarama.RecordHeader{Key: []byte(h.Key), Value: h.Value})
	}
	return m
}
