package truncate

import (
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/tables"
)

// Event is a truncate as the source reports it.
type Event struct {
	Offset int64     // of its record
	Read   time.Time // the record's time
	Time   int64     // the event's own
	Source tables.SourcePosition

	// The position of its record in the source, if it was copied to every partition; Alone says that
	// all of the source came in this order.
	Partition    int32
	SourceOffset int64
	Alone        bool
}

// truncation is a truncate of this partition that waits for the others.
type truncation struct {
	offset  int64
	says    wire.Deletion      // what the rows' tombstones say
	waiting map[int32]struct{} // partitions that have not confirmed
	all     *rowwriter.Acks
}

// Meet begins to empty the table. done is called when it is empty.
func (t *Truncates) Meet(e *Event, done func(error)) error {
	if t.Repartitioned {
		return t.meetRepartitioned(e, done)
	}
	t.Events.TableTruncated(events.TableTruncated{Offset: e.Offset})
	n := &truncation{
		offset: e.Offset, waiting: map[int32]struct{}{}, all: rowwriter.NewAcks(t.UntilOver(done)),
		says: wire.Deletion{Read: e.Read.UnixMicro(), Time: e.Time, Source: e.Source, Truncate: true, Partition: t.Partition, Offset: e.Offset},
	}
	value := t.request(e.Offset, e.Time, e.Source)
	for p := range t.Partitions {
		if p != t.Partition {
			n.waiting[p] = struct{}{}
		}
		// To itself, too: a successor without local state must know of the truncate.
		t.Rows.Send(kgo.Record{Topic: t.Topic, Partition: p, Value: value}, n.all.DeferCommit())
	}
	if len(n.waiting) > 0 {
		t.own = n
		return nil
	}
	return t.empty(n)
}

// request is the control record that reports a truncate of this partition.
func (t *Truncates) request(offset, time int64, source tables.SourcePosition) []byte {
	return wire.AppendControl(nil, wire.Control{
		Kind: wire.TruncateControl, Started: t.Clock().UnixMicro(), Partition: t.Partition, Offset: offset, Time: time, Source: source,
	})
}

// confirmed is called when another partition has no row before the truncate any more.
func (t *Truncates) confirmed(c bus.Record, done bus.Done) error {
	n := t.own
	if n == nil || n.offset != c.Offset {
		return done.Now() // of an earlier run, which has asked for it, too
	}
	delete(n.waiting, c.Partition)
	if len(n.waiting) > 0 {
		return done.Now()
	}
	t.own = nil
	return errors.Join(t.empty(n), done.Now())
}

// empty removes the rows of this partition.
func (t *Truncates) empty(n *truncation) error {
	t.emptied = n.offset
	err := t.state.Truncates.SetHere(n.offset)
	if err == nil {
		err = t.removeRows(&n.says, n.all, func(row *wire.StateRow) bool { return row.Offset < n.offset })
	}
	n.all.Close(err)
	return err
}
