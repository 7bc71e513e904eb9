package stream

import (
	"context"
	"errors"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
)

// ErrClosed is returned by a Reader that is closed.
var ErrClosed = errors.New("the reader of partitions is closed")

// Reader reads partitions for everybody in a process. It connects when it is first used, and is safe for
// concurrent use.
type Reader struct {
	settings kafka.Settings
	ask      func() (*kgo.Client, error) // the client for single requests; it belongs to somebody else
	budget   int

	ctx  context.Context
	stop context.CancelFunc
	all  sync.WaitGroup

	leaders leaders       // who is asked for offsets
	found   chan struct{} // signalled when a partition needs its leader

	mu         sync.Mutex
	closed     bool
	following  *kgo.Client // nil until they are needed
	fetching   *kgo.Client
	brokers    map[int32]*broker
	partitions map[*partition]struct{}
	lost       []*partition // whose leaders are to be found
	delivering int          // partitions whose records wait to be taken
}

// New returns a reader with these settings. It asks about topics by the client that ask returns.
func New(s kafka.Settings, ask func() (*kgo.Client, error)) *Reader {
	r := &Reader{
		settings: s, ask: ask, budget: budget,
		leaders: leaders{nodes: map[spot]int32{}}, found: make(chan struct{}, 1), brokers: map[int32]*broker{}, partitions: map[*partition]struct{}{},
	}
	r.ctx, r.stop = context.WithCancel(context.Background())
	return r
}

// Close ends all reading: the channels of all partitions are closed.
func (r *Reader) Close() {
	r.stop()
	r.mu.Lock()
	r.closed = true
	for p := range r.partitions {
		p.end()
	}
	clients := []*kgo.Client{r.following, r.fetching}
	r.mu.Unlock()
	for _, c := range clients {
		if c != nil {
			c.Close()
		}
	}
	r.all.Wait()
}

// open connects when the first partition is added. The caller has the mutex.
func (r *Reader) open() error {
	if r.closed {
		return ErrClosed
	}
	if r.fetching != nil {
		return nil
	}
	following, err := r.settings.Client()
	if err != nil {
		return err
	}
	fetching, err := r.settings.Client()
	if err != nil {
		following.Close()
		return err
	}
	r.following, r.fetching = following, fetching
	r.all.Go(r.findLeaders)
	return nil
}

// at returns the broker of a number. The caller has the mutex.
func (r *Reader) at(node int32) *broker {
	b := r.brokers[node]
	if b == nil {
		b = newBroker(r, node)
		r.brokers[node] = b
		r.all.Go(b.readBehind)
		r.all.Go(b.follow)
	}
	return b
}

// signal wakes whoever waits for a channel of one element.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is awake
	}
}
