package deadletter

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/rowwriter"
)

// Options of a Retrier.
type Options struct {
	Names         kafka.Names
	Table         string
	Source        string // the topic that the partition reads
	Partition     int32
	Repartitioned bool // records are repartitioned by their keys: Source is the topic where they then are

	// Read reads one record.
	Read func(topic string, partition int32, offset int64) (*kgo.Record, error)
	// KnownFrom is the source offset from which every deletion is known. It asks the brokers.
	KnownFrom func() (int64, error)
	// Bring has a dead letter that was read folded, in order with the changes. The code that folds it resolves it.
	Bring func(*Try)
	Send  func(rec kgo.Record, ack func(error))
	// Begin runs f in the background, while the run lasts; Later calls done with an error when it is over.
	Begin func(f func()) bool
	Later func(f func(), done func(error))
	// Settled is called with how many dead letters the control record at an offset has settled.
	Settled func(at, deadLetters int64)
	Clock   func() time.Time
	Events  *events.Listener
}

// Retrier deals with requests about the dead letters of a partition.
type Retrier struct{ Options }

// NewRetrier makes one.
func NewRetrier(o Options) *Retrier { return &Retrier{o} }

// Register has requests dealt with.
func (t *Retrier) Register(b *bus.Bus) { b.Handle(wire.DeadLetters, t.asked) }

// Try is a dead letter that is being tried again.
type Try struct {
	Record *kgo.Record // as it once was in the source
	Err    error       // or why it is not known
	From   int64       // the source offset from which every deletion is known

	retrier *Retrier
	offset  int64 // in the dead letters' topic
	request string
	settled *atomic.Int64 // how many of the request's dead letters are
	done    func(error)   // when the answer is written
}

// asked deals with a request. The control record is done when every answer is written.
func (t *Retrier) asked(c bus.Record, done bus.Done) error {
	q, err := wire.ParseDeadLetterRequest([]byte(c.Body))
	if err != nil {
		t.Events.DeadLetterRequestSkipped(events.DeadLetterRequestSkipped{Offset: c.At, Err: err})
		return done.Now()
	}
	var settled atomic.Int64
	all := rowwriter.NewAcks(func(err error) {
		t.Settled(c.At, settled.Load())
		done.When(err)
	})
	work := make([]*Try, 0, len(q.Offsets))
	for _, o := range q.Offsets {
		work = append(work, &Try{retrier: t, offset: o, request: q.ID, settled: &settled, done: all.DeferCommit()})
	}
	all.Close(nil)
	if q.Action == wire.DropDeadLetters {
		for _, n := range work {
			n.Resolve(Dropped, "", "")
		}
		return nil
	}
	t.Begin(func() {
		from, err := t.KnownFrom()
		for _, n := range work {
			if n.From, n.Err = from, err; err == nil {
				n.Record, n.Err = t.load(n.offset)
			}
			t.Bring(n)
		}
	})
	return nil
}

// Fail says that the dead letter's row could not be written: it is not answered, and the run ends.
func (n *Try) Fail(err error) { n.done(err) }

// Resolve writes what has become of the dead letter to the dead letters, where the one
// who asked waits for it. field is the one that cannot be used, if there is one.
func (n *Try) Resolve(result, reason, field string) {
	t := n.retrier
	if Settles(result) {
		n.settled.Add(1)
	}
	t.Events.DeadLetterSettled(events.DeadLetterSettled{DeadLetter: n.offset, Result: result, Reason: reason})
	rec := kgo.Record{Topic: t.Names.DeadLetters, Partition: t.Partition, Timestamp: t.Clock()}
	add := func(name, value string) {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
	}
	add(HeaderResolves, strconv.FormatInt(n.offset, 10))
	add(HeaderResult, result)
	add(HeaderRequest, n.request)
	add(HeaderTable, t.Table)
	add(HeaderTime, strconv.FormatInt(t.Clock().UnixMilli(), 10))
	if reason != "" {
		add(HeaderError, reason)
	}
	if field != "" {
		add(HeaderField, field)
	}
	t.Later(func() { t.Send(rec, n.done) }, n.done) // not on the goroutine of acknowledgements
}
