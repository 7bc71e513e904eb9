package intake

import (
	"errors"
	"fmt"
	"slices"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// Options of a partition's intake.
type Options struct {
	Table         *tables.Table
	Topic         string // that is read
	Partition     int32
	Partitions    int32
	Repartitioned bool // records have been repartitioned by their keys, in a topic of their own
	Decoder       cdc.Decoder
	Skipped       Skipped
}

// Intake makes entries of a partition's records: it decodes them, and finds out where each
// change belongs among those that were read before it. One goroutine at a time uses it.
type Intake struct {
	opts   Options
	extent extent
}

// New makes one that has read nothing yet.
func New(o Options) *Intake { return &Intake{opts: o} }

// NoteRows takes over what the rows and deletions of a state say of the changes that were read before.
func (n *Intake) NoteRows(s *state.Store) { n.extent.noteRows(s) }

// Check refuses a record that the declared partitioner would have put elsewhere.
func (n *Intake) Check(m *sarama.ConsumerMessage) error {
	if n.opts.Partitions == 1 {
		return nil
	}
	want, known := kafka.PartitionOf(n.opts.Table.Source.Partitioner, m.Key, n.opts.Partitions)
	if !known || want == n.opts.Partition {
		return nil
	}
	return &PartitionerError{
		Topic: m.Topic, Partition: m.Partition, Offset: m.Offset, Key: m.Key,
		Partitioner: n.opts.Table.Source.Partitioner, Want: want,
	}
}

// Decode fills the entry from the message: for the dead letters, if it cannot be
// decoded. The error says that it cannot be decided now.
func (n *Intake) Decode(e *pending.Entry, m *sarama.ConsumerMessage) error {
	e.Offset, e.Size = m.Offset, len(m.Key)+len(m.Value)
	headers := e.Raw.Headers[:0]
	for _, h := range m.Headers {
		headers = append(headers, codecs.Header{Name: string(h.Key), Value: h.Value})
		e.Size += len(h.Key) + len(h.Value)
	}
	e.Raw = codecs.Record{
		Topic: m.Topic, Partition: m.Partition, Offset: m.Offset, Time: m.Timestamp,
		Key: m.Key, Value: m.Value, Headers: headers,
	}
	err := n.restore(e)
	if err == nil {
		err = n.opts.Decoder.Decode(&e.Raw, &e.Change)
	}
	if err == nil {
		err = n.checkHome(&e.Change)
	}
	e.Change.Partition, e.Change.Offset = m.Partition, m.Offset
	if errors.Is(err, codecs.ErrUnavailable) {
		return err
	}
	if err != nil {
		e.Action, e.Field, e.Reason = pending.DeadLetter, "record", err.Error()
		var de *codecs.Error
		if errors.As(err, &de) {
			e.Field, e.Reason = de.Field, de.Reason
		}
		return nil
	}
	n.locate(e)
	e.Behind = n.extent.note(&e.Change) && namesItsRun(e.Raw.Headers)
	switch e.Change.Op {
	case tables.Upsert, tables.Delete:
		e.Action = pending.Fold
	case tables.Truncate:
		e.Action = pending.Truncate
	default:
		e.Action = pending.Skip
		n.opts.Skipped.Count(e.Change.Reason)
	}
	return nil
}

// restore makes a record that was repartitioned by its key what it was in the source.
func (n *Intake) restore(e *pending.Entry) error {
	if !n.opts.Repartitioned {
		return nil
	}
	origin, err := wire.Restore(&e.Raw, n.opts.Table.Source.Topic)
	e.Alone = origin.Alone
	return err
}

// checkHome refuses a change whose key belongs elsewhere: it was without an address when
// the source's records were repartitioned, and would exist twice.
func (n *Intake) checkHome(c *tables.Change) error {
	if !n.opts.Repartitioned || c.Key == "" {
		return nil
	}
	home, _ := kafka.PartitionOf(tables.PartitionMurmur2, []byte(c.Key), n.opts.Partitions)
	if home == n.opts.Partition {
		return nil
	}
	return &codecs.Error{Field: "key", Reason: fmt.Sprintf(
		"its home is partition %d of %s, and it stands in partition %d: replay the table", home, n.opts.Topic, n.opts.Partition)}
}

// A key may have changes in several partitions of the source: its bytes have changed, or
// something else than the key has routed its events. tables.Precedence orders these. Where
// the source's records stay in its own partitions, each partition here has a row, or a
// deletion, of its own, and says at which position; views choose. Where they are repartitioned
// by their keys all of them come here, in the order in which they were read, and the fold
// chooses.

// locate says where a change comes from and when it was written, where that may matter.
func (n *Intake) locate(e *pending.Entry) {
	c := &e.Change
	c.Logged, c.SourcePartition, e.Elsewhere = 0, 0, false
	switch {
	case !n.opts.Repartitioned:
		if n.opts.Partitions > 1 {
			c.Logged = e.Raw.Time.UnixMicro()
		}
	case !e.Alone:
		c.Logged, c.SourcePartition = e.Raw.Time.UnixMicro(), e.Raw.Partition+1
	}
	if c.Logged != 0 && c.Sent != 0 { // the connector's clock is nearer to the source than Kafka's
		c.Time = c.Sent
	}
	e.Elsewhere = c.SourcePartition != 0 && !n.extent.beyond(c)
}

// runHeader is what Debezium names a run of its connector in, anew at each start, unless
// extended.headers.enabled is false.
const runHeader = "__debezium.context.runId"

// namesItsRun reports whether a record comes from a connector that is known to repeat
// what it has sent when it is started again. Of others positions prove nothing: they
// may be those of a database that was restored, or of none at all.
func namesItsRun(headers []codecs.Header) bool {
	return slices.ContainsFunc(headers, func(h codecs.Header) bool { return h.Name == runHeader })
}
