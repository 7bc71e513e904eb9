package driftwatch

import (
	"strings"

	"github.com/IBM/sarama"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/drift"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/processors/instrument"
	"github.com/tidemark/tidemark/tables"
)

// Options of a partition's watch, for one claim.
type Options struct {
	Partition     int32
	Table         *tables.Table
	Schemas       avro.Schemas
	Repartitioned bool // records have been repartitioned by their keys, in a topic of their own
	// Replaying reports whether the source is read again for a new generation: all of that is from before, and is
	// not compared with what comes.
	Replaying func() bool
	Health    *health.Tracker
	Events    *events.Listener
}

// Watch looks at the schema of a partition's records. It is of who reads the source.
type Watch struct {
	opts   Options
	known  *Table
	newest newest
}

// Watch makes a partition's.
func (t *Table) Watch(o Options) *Watch { return &Watch{opts: o, known: t} }

// NewCount makes the counter of a table's changes of schema.
func NewCount(of instrument.Table) prometheus.Counter {
	return of.Counter("tidemark_processor_schema_changes_total", "Times that the records' schema was found to be another than the declaration, or than it was.")
}

// Keep keeps a record until it is looked at, or newer ones have taken its place.
func (w *Watch) Keep(m *sarama.ConsumerMessage) { w.newest.keep(m) }

// Forget drops what is kept.
func (w *Watch) Forget() { w.newest.take() }

// Look compares the newest records with the declaration and with those before.
// Records that carry a schema are compared by it, others by their members.
func (w *Watch) Look() {
	if w.opts.Replaying() {
		return
	}
	records := w.newest.take()
	if len(records) == 0 {
		return
	}
	d := w.known.tracker(w.opts.Partition, w.opts.Table, w.opts.Schemas)
	for _, m := range records {
		w.compare(d, m)
	}
	w.tell(d.Lines())
	if told := w.known.newlyTold(d.Told()); len(told) > 0 {
		w.opts.Events.ColumnsTold(events.ColumnsTold{Columns: told})
	}
}

func (w *Watch) compare(d *drift.Tracker, m *sarama.ConsumerMessage) {
	rec := recordOf(m)
	if w.opts.Repartitioned {
		if _, err := wire.Restore(rec, w.opts.Table.Source.Topic); err != nil {
			return
		}
	}
	for _, line := range w.known.firstToTell(w.opts.Partition, d.Look(rec)) {
		w.opts.Events.SchemaFound(events.SchemaFound{Offset: rec.Offset, Kind: string(line.Kind), Found: line.Text})
	}
}

// tell reports what is different in the partition.
func (w *Watch) tell(lines []drift.Line) {
	w.known.keep(w.opts.Partition, lines)
	if len(lines) == 0 {
		w.opts.Health.Clear(tables.SchemaDrift)
		return
	}
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.Text
	}
	w.opts.Health.Tell(tables.Trouble{Reason: tables.SchemaDrift, Text: strings.Join(texts, "\n")})
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
