package registry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tidemark/tidemark/codecs/datum"
)

// Client asks a registry for schemas. It is safe for concurrent use.
type Client struct {
	o       Options
	api     *api
	metrics *metrics
	ctx     context.Context
	stop    context.CancelFunc
	loads   sync.WaitGroup

	mu      sync.Mutex
	kept    *kept
	loading map[datum.ID]*load
	away    time.Time // since when the registry is; zero while it answers
}

// A load is a request under way, for all who ask for its schema.
type load struct {
	done   chan struct{}
	schema *datum.Schema
	err    error
}

// New makes a client. It asks for nothing yet.
func New(o Options) (*Client, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("schema registry: %w", err)
	}
	o.defaults()
	a, err := newAPI(o.Settings)
	if err != nil {
		return nil, fmt.Errorf("schema registry: %w", err)
	}
	c := &Client{
		o: o, api: a, metrics: newMetrics(o.Registerer),
		kept: newKept(o.MaxSchemas, o.MaxBytes), loading: map[datum.ID]*load{},
	}
	c.ctx, c.stop = context.WithCancel(context.Background())
	return c, nil
}

// Close ends the requests under way.
func (c *Client) Close() {
	c.stop()
	c.loads.Wait()
	c.api.close()
}

// Schema returns the schema of an ID: from memory, or from the registry, for which it
// waits no longer than Options.Patience. The error wraps codecs.ErrUnavailable when
// the registry is away or slow; any other says that there is no such schema or that
// it cannot be read.
func (c *Client) Schema(id datum.ID) (*datum.Schema, error) {
	c.mu.Lock()
	if k := c.kept.get(id, c.o.Clock()); k != nil {
		c.mu.Unlock()
		return k.schema, k.err
	}
	l := c.loading[id]
	if l == nil {
		l = &load{done: make(chan struct{})}
		c.loading[id] = l
		c.loads.Go(func() { c.load(id, l) })
	}
	c.mu.Unlock()
	patience := time.NewTimer(c.o.Patience)
	defer patience.Stop()
	select {
	case <-l.done:
		return l.schema, l.err
	case <-c.ctx.Done():
		return nil, c.awayError(errClosed)
	case <-patience.C:
		return nil, c.awayError(fmt.Errorf("no answer within %s", c.o.Patience))
	}
}

var errClosed = errors.New("the client is closed")

// Ping says whether something answers that is a registry, and takes who asks.
func (c *Client) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	if err := c.api.ping(ctx); err != nil {
		return c.awayError(err)
	}
	return nil
}

func (c *Client) load(id datum.ID, l *load) {
	ctx, cancel := context.WithTimeout(c.ctx, c.o.Timeout)
	defer cancel()
	s, err := c.api.schema(ctx, id)
	c.mu.Lock()
	defer c.mu.Unlock()
	defer close(l.done)
	delete(c.loading, id)
	if cause := new(awayCause); errors.As(err, &cause) {
		l.err = c.awayError(cause.error)
		c.isAway(l.err)
		return
	}
	l.schema, l.err = s, err
	c.kept.put(&known{id: id, schema: s, err: err, until: c.o.Clock().Add(c.o.Unknown)})
	c.answers(err)
}

// isAway and answers note a change of the registry's state, once. The lock is held.
func (c *Client) isAway(err error) {
	c.metrics.requests.WithLabelValues(outcomeAway).Inc()
	c.metrics.up.Set(0)
	if c.away.IsZero() && c.ctx.Err() == nil {
		c.away = c.o.Clock()
		c.o.Away(err)
	}
}

func (c *Client) answers(err error) {
	outcome := outcomeFound
	if err != nil {
		outcome = outcomeUnknown
	}
	c.metrics.requests.WithLabelValues(outcome).Inc()
	c.metrics.up.Set(1)
	c.metrics.schemas.Set(float64(c.kept.order.Len()))
	if !c.away.IsZero() {
		c.o.Answers(c.o.Clock().Sub(c.away))
		c.away = time.Time{}
	}
}
