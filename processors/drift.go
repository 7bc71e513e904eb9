package processors

import (
	"strings"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/codecs"
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

// lookAtSchema compares the newest records with the declaration and with those before.
// Records that carry a schema are compared by it, others by their members. What is read
// again for a new generation is all from before, and is not compared with what comes.
func (f *feeder) lookAtSchema() {
	if _, replaying := f.c.filling.replaying(); replaying {
		return
	}
	records := f.newest.take()
	if len(records) == 0 {
		return
	}
	d := f.c.recall.drift(f.c.partition, f.c.opts)
	for _, m := range records {
		rec := recordOf(m)
		if f.c.stage != nil {
			if _, err := wire.Restore(rec, f.c.opts.Table.Source.Topic); err != nil {
				continue
			}
		}
		for _, line := range f.c.recall.firstToTell(f.c.partition, d.Look(rec)) {
			f.c.metrics.drifts.Inc()
			f.c.logger.Warn("schema of the source's records", "offset", rec.Offset, "kind", string(line.Kind), "found", line.Text)
		}
	}
	lines := d.Lines()
	f.c.recall.toldDrifts(f.c.partition, lines)
	if len(lines) == 0 {
		f.c.health.clear(tables.SchemaDrift)
		return
	}
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.Text
	}
	f.c.health.tell(tables.Trouble{Reason: tables.SchemaDrift, Text: strings.Join(texts, "\n")})
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
