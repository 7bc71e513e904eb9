package logread

import (
	"errors"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/stream"
)

// ErrClosed is returned by a Pool that is closed.
var ErrClosed = errors.New("the pool of clients is closed")

// Pool has the clients by which all tables of a process ask brokers and follow topics, so
// that the number of connections does not grow with the number of tables. It connects when
// it is first used. It is safe for concurrent use.
type Pool struct {
	settings kafka.Settings

	mu     sync.Mutex
	closed bool
	asking *kgo.Client
	ends   *kafka.Together     // by asking
	making [makers]*kgo.Client // nil until they are needed
	next   int                 // of them
	reader *stream.Reader
	lanes  []*lane
	over   sync.WaitGroup // goroutines of the lanes
}

// NewPool returns a pool of clients with these settings. The caller closes it.
func NewPool(s kafka.Settings) *Pool { return &Pool{settings: s} }

// Or returns the pool, and nothing to be done when it is no longer used: it is whoever's made it. Where there is none it
// is one of the caller's own, and release closes it.
func (p *Pool) Or(s kafka.Settings) (pool *Pool, release func()) {
	if p != nil {
		return p, func() {}
	}
	own := NewPool(s)
	return own, own.Close
}

// Client returns the client for single requests and for records to partitions that are
// named. It is shared: whoever gets it leaves it open.
//
// What reads a lot opens a client of its own: answers come in the order of the questions.
func (p *Pool) Client() (*kgo.Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	if p.asking == nil {
		client, err := p.settings.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
		if err != nil {
			return nil, err
		}
		p.asking = client
	}
	return p.asking, nil
}

// Ends returns what lists offsets for all tables at once.
func (p *Pool) Ends() (*kafka.Together, error) {
	client, err := p.Client()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ends == nil {
		p.ends = kafka.NewTogether(client)
	}
	return p.ends, nil
}

// makers is how many clients make topics: brokers answer the requests of a connection one after the other, and
// to make a topic takes a while.
const makers = 4

// Maker returns a client by which topics are made and checked. It is shared, too, and connected only while it is used.
func (p *Pool) Maker() (*kgo.Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	p.next = (p.next + 1) % makers
	if p.making[p.next] == nil {
		client, err := p.settings.Client(kafka.Fresh())
		if err != nil {
			return nil, err
		}
		p.making[p.next] = client
	}
	return p.making[p.next], nil
}

// Reader returns what reads partitions for as long as somebody wants them. It is shared, too.
func (p *Pool) Reader() (*stream.Reader, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	if p.reader == nil {
		p.reader = stream.New(p.settings, p.Client)
	}
	return p.reader, nil
}

// Forget drops what the client knows of topics: one that was deleted and made again is
// another one, which a producer does not notice.
func (p *Pool) Forget(topics ...string) {
	p.mu.Lock()
	client := p.asking
	p.mu.Unlock()
	if client != nil {
		client.PurgeTopicsFromProducing(topics...)
	}
}

// Close ends all connections, and every Follow with ErrClosed.
func (p *Pool) Close() {
	p.mu.Lock()
	lanes, reader, clients := p.lanes, p.reader, append(p.making[:], p.asking)
	p.closed, p.lanes, p.asking, p.reader = true, nil, nil, nil
	p.mu.Unlock()
	if reader != nil {
		reader.Close()
	}
	for _, l := range lanes {
		l.close()
	}
	for _, c := range clients {
		if c != nil {
			c.Close()
		}
	}
	p.over.Wait()
}
