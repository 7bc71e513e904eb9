package processors

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
)

// catalog knows the manifests of the table's batches: it follows the batches topic.
type catalog struct {
	topic     string
	changelog [16]byte // the id of the table's changelog
	logger    *slog.Logger
	end       func() (int64, error) // of the batches topic, now
	empty     func(ctx context.Context, from, end int64) (bool, error)

	mu        sync.Mutex
	manifests map[uint64]map[int32]wire.Manifest
	newest    map[int32]wire.Manifest
	next      int64 // of the batches topic
	moved     chan struct{}
}

func newCatalog(topic string, changelog [16]byte, logger *slog.Logger, end func() (int64, error)) *catalog {
	return &catalog{
		topic: topic, changelog: changelog, logger: logger, end: end, manifests: map[uint64]map[int32]wire.Manifest{},
		newest: map[int32]wire.Manifest{}, moved: make(chan struct{}),
	}
}

// follow reads the batches topic until the context is over.
func (c *catalog) follow(ctx context.Context, s kafka.Settings) error {
	client, err := s.Client(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{c.topic: {0: kgo.NewOffset().AtStart()}}),
		kgo.FetchMaxWait(500*time.Millisecond),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		fetches.EachError(func(t string, p int32, err error) {
			if ctx.Err() == nil {
				c.logger.Warn("reading the batches topic", "topic", t, "error", err)
			}
		})
		fetches.EachRecord(c.read)
	}
	return nil
}

func (c *catalog) read(rec *kgo.Record) {
	batch, partition, err := wire.ParseManifestKey(rec.Key)
	if err == nil && rec.Value != nil {
		var m wire.Manifest
		if m, err = wire.ParseManifest(rec.Value); err == nil {
			c.add(c.ofThisChangelog(rec, m))
		}
	} else if err == nil {
		c.drop(batch, partition)
	}
	if err != nil {
		c.logger.Warn("manifest skipped", "offset", rec.Offset, "error", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = rec.Offset + 1
	close(c.moved)
	c.moved = make(chan struct{})
}

// ofThisChangelog returns the manifest as it counts here: in a changelog that was
// made again everything comes after its cut.
func (c *catalog) ofThisChangelog(rec *kgo.Record, m wire.Manifest) wire.Manifest {
	for _, h := range rec.Headers {
		if h.Key == changelogName && topicID(h.Value) != c.changelog {
			m.Changelog = 0
		}
	}
	return m
}

// add takes a manifest in: one that was read, or one that was just written.
func (c *catalog) add(m wire.Manifest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	parts := c.manifests[m.Batch]
	if parts == nil {
		parts = map[int32]wire.Manifest{}
		c.manifests[m.Batch] = parts
	}
	parts[m.Partition] = m
	if m.Batch >= c.newest[m.Partition].Batch {
		c.newest[m.Partition] = m
	}
}

func (c *catalog) drop(batch uint64, partition int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.manifests[batch], partition)
	if len(c.manifests[batch]) == 0 {
		delete(c.manifests, batch)
	}
}

// known returns the newest manifest of a partition that has been read.
func (c *catalog) known(partition int32) (wire.Manifest, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, ok := c.newest[partition]
	return m, ok
}

// last returns the newest manifest of a partition that there is now.
func (c *catalog) last(ctx context.Context, partition int32) (wire.Manifest, bool, error) {
	end, err := c.end()
	if err != nil {
		return wire.Manifest{}, false, fmt.Errorf("end of the batches topic: %w", err)
	}
	if err := c.reach(ctx, end); err != nil {
		return wire.Manifest{}, false, err
	}
	m, ok := c.known(partition)
	return m, ok, nil
}

// quiet is how long nothing may come before the log is looked at: what is left may
// have been compacted away.
const quiet = 2 * time.Second

// reach waits until everything before the offset has been read. When nothing comes
// for a while, the records there may have been compacted away.
func (c *catalog) reach(ctx context.Context, end int64) error {
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
			empty, err := c.empty(ctx, next, end)
			if err != nil {
				return err
			}
			if empty {
				return nil
			}
		}
	}
}

// highest is the highest batch of which a manifest was read.
func (c *catalog) highest() (id uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.newest {
		id = max(id, m.Batch)
	}
	return id
}

// begun is when the newest batch of which a manifest was read was begun; zero when there is none.
func (c *catalog) begun() time.Time {
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

// batches returns the manifests by batch, copied.
func (c *catalog) batches() map[uint64][]wire.Manifest {
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
