package batch

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/events"
)

// CatalogOptions say which manifests a catalog knows.
type CatalogOptions struct {
	Topic     string   // of the manifests
	Changelog [16]byte // the id of the table's changelog
	Events    *events.Listener
	// End is the topic's end now, and Empty whether nothing is left to be delivered in a
	// stretch of it.
	End   func() (int64, error)
	Empty func(ctx context.Context, from, end int64) (bool, error)
}

// Catalog knows the manifests of the table's batches: it follows the batches topic.
type Catalog struct {
	opts CatalogOptions

	mu        sync.Mutex
	manifests wire.Manifests
	newest    map[int32]wire.Manifest
	next      int64 // of the batches topic
	moved     chan struct{}
}

// NewCatalog makes a catalog that knows nothing yet: see Follow.
func NewCatalog(o CatalogOptions) *Catalog {
	return &Catalog{
		opts: o, manifests: wire.Manifests{}, newest: map[int32]wire.Manifest{}, moved: make(chan struct{}),
	}
}

// Follow reads the batches topic until the context is over.
func (c *Catalog) Follow(ctx context.Context, pool *logread.Pool) error {
	start := logread.Start{c.opts.Topic: {0: kgo.NewOffset().AtStart()}}
	err := pool.Follow(ctx, start, c.read, func(topic string, _ int32, err error) {
		c.opts.Events.CatalogNotRead(events.CatalogNotRead{Topic: topic, Err: err})
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (c *Catalog) read(rec *kgo.Record) {
	m, removed, err := wire.ParseManifestRecord(rec.Key, rec.Value)
	if err != nil {
		c.opts.Events.ManifestSkipped(events.ManifestSkipped{Offset: rec.Offset, Err: err})
	} else if !removed {
		c.Add(c.ofThisChangelog(rec, m))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if removed {
		c.manifests.Remove(m.Batch, m.Partition)
	}
	c.next = rec.Offset + 1
	close(c.moved)
	c.moved = make(chan struct{})
}

// ofThisChangelog returns the manifest as it counts here: in a changelog that was
// made again everything comes after its cut.
func (c *Catalog) ofThisChangelog(rec *kgo.Record, m wire.Manifest) wire.Manifest {
	for _, h := range rec.Headers {
		if h.Key == wire.ChangelogIDName && !bytes.Equal(h.Value, c.opts.Changelog[:]) {
			m.Changelog = 0
		}
	}
	return m
}

// Add takes a manifest in: one that was read, or one that was just written.
func (c *Catalog) Add(m wire.Manifest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.manifests.Put(m)
	if m.Batch >= c.newest[m.Partition].Batch {
		c.newest[m.Partition] = m
	}
}

// Known returns the newest manifest of a partition that has been read.
func (c *Catalog) Known(partition int32) (wire.Manifest, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, ok := c.newest[partition]
	return m, ok
}

// Last returns the newest manifest of a partition that there is now.
func (c *Catalog) Last(ctx context.Context, partition int32) (wire.Manifest, bool, error) {
	end, err := c.opts.End()
	if err != nil {
		return wire.Manifest{}, false, fmt.Errorf("end of the batches topic: %w", err)
	}
	if err := c.reach(ctx, end); err != nil {
		return wire.Manifest{}, false, err
	}
	m, ok := c.Known(partition)
	return m, ok, nil
}

// quiet is how long nothing may come before the log is looked at: what is left may
// have been compacted away.
const quiet = 2 * time.Second

// reach waits until everything before the offset has been read. When nothing comes
// for a while, the records there may have been compacted away.
func (c *Catalog) reach(ctx context.Context, end int64) error {
	for {
		c.mu.Lock()
		next, moved := c.next, c.moved
		c.mu.Unlock()
		if next >= end {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("read the batches topic: %w", ctx.Err())
		case <-moved:
		case <-time.After(quiet):
			empty, err := c.opts.Empty(ctx, next, end)
			if err != nil {
				return err
			}
			if empty {
				return nil
			}
		}
	}
}

// Highest is the highest batch of which a manifest was read.
func (c *Catalog) Highest() (id uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.newest {
		id = max(id, m.Batch)
	}
	return id
}

// Begun is when the newest batch of which a manifest was read was begun; zero when there is none.
func (c *Catalog) Begun() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	var newest wire.Manifest
	for _, m := range c.newest {
		if m.Batch > newest.Batch {
			newest = m
		}
	}
	if newest.Batch == 0 {
		return time.Time{}
	}
	return time.UnixMicro(newest.Started)
}

// Batches returns the manifests by batch, copied.
func (c *Catalog) Batches() map[uint64][]wire.Manifest {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[uint64][]wire.Manifest, len(c.manifests))
	for id, parts := range c.manifests {
		for _, m := range parts {
			out[id] = append(out[id], m)
		}
	}
	return out
}
