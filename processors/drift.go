package processors

import (
	"slices"
	"strings"
	"sync"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/drift"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// newest keeps the records that were read last, until they are looked at.
type newest struct {
	kept [newestRecords]*sarama.ConsumerMessage
	next int
}

const (
	// newestRecords are looked at, twice a second at most: a power of two.
	newestRecords = 8
	// newestBytes is the size of a record that is not held back for it.
	newestBytes = 1 << 20
)

func (n *newest) keep(m *sarama.ConsumerMessage) {
	if len(m.Value) > newestBytes {
		return
	}
	n.kept[n.next%newestRecords] = m
	n.next++
}

// take returns the records in their order, and forgets them.
func (n *newest) take() []*sarama.ConsumerMessage {
	var out []*sarama.ConsumerMessage
	for i := max(0, n.next-newestRecords); i < n.next; i++ {
		out = append(out, n.kept[i%newestRecords])
	}
	*n = newest{}
	return out
}

// drifts is what is known of the partitions' schemas. It outlives a claim: a partition that
// comes back is compared with what it was.
type drifts struct {
	mu       sync.Mutex
	trackers map[int32]*drift.Tracker
	// lines are what was different in each partition when it was last looked at.
	lines map[int32][]drift.Line
}

// tracker returns the partition's tracker. One claim at a time uses it.
func (c *drifts) tracker(partition int32, o *Options) *drift.Tracker {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.trackers == nil {
		c.trackers = map[int32]*drift.Tracker{}
	}
	d := c.trackers[partition]
	if d == nil {
		d = drift.NewTracker(o.Table, o.Schemas)
		c.trackers[partition] = d
	}
	return d
}

// firstToTell returns of what is new in a partition what no other one has told: a schema
// changes once, and in the partitions one after the other.
func (c *drifts) firstToTell(partition int32, fresh []drift.Line) []drift.Line {
	if len(fresh) == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lines == nil {
		c.lines = map[int32][]drift.Line{}
	}
	c.lines[partition] = slices.Concat(c.lines[partition], fresh)
	return slices.DeleteFunc(fresh, func(l drift.Line) bool {
		for p, lines := range c.lines {
			if p != partition && slices.ContainsFunc(lines, func(o drift.Line) bool { return o.Kind == l.Kind && o.What == l.What }) {
				return true
			}
		}
		return false
	})
}

// told keeps what is different in a partition.
func (c *drifts) told(partition int32, lines []drift.Line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(lines) == 0 {
		delete(c.lines, partition)
		return
	}
	if c.lines == nil {
		c.lines = map[int32][]drift.Line{}
	}
	c.lines[partition] = lines
}

// lookAtSchema compares the newest records with the declaration and with those before.
// Records that carry a schema are compared by it, others by their members. What is read
// again for a new generation is all from before, and is not compared with what comes.
func (f *feeder) lookAtSchema() {
	if f.c.boot.Replaying() {
		return
	}
	records := f.newest.take()
	if len(records) == 0 {
		return
	}
	d := f.c.drifts.tracker(f.c.partition, f.c.opts)
	for _, m := range records {
		rec := recordOf(m)
		if f.c.stage != nil {
			if _, err := wire.Restore(rec, f.c.opts.Table.Source.Topic); err != nil {
				continue
			}
		}
		for _, line := range f.c.drifts.firstToTell(f.c.partition, d.Look(rec)) {
			f.c.metrics.reading.drifts.Inc()
			f.c.logger.Warn("schema of the source's records", "offset", rec.Offset, "kind", string(line.Kind), "found", line.Text)
		}
	}
	lines := d.Lines()
	f.c.drifts.told(f.c.partition, lines)
	if len(lines) == 0 {
		f.c.health.Clear(tables.SchemaDrift)
		return
	}
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.Text
	}
	f.c.health.Tell(tables.Trouble{Reason: tables.SchemaDrift, Text: strings.Join(texts, "\n")})
}

// recordOf is a message as decoders and trackers read it.
func recordOf(m *sarama.ConsumerMessage) *codecs.Record {
	rec := &codecs.Record{
		Topic: m.Topic, Partition: m.Partition, Offset: m.Offset, Time: m.Timestamp, Key: m.Key, Value: m.Value,
	}
	for _, h := range m.Headers {
		rec.Headers = append(rec.Headers, codecs.Header{Name: string(h.Key), Value: h.Value})
	}
	return rec
}
