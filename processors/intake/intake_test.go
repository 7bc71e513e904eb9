package intake

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/instrument"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/tables"
)

// decoder is a decoder made of a function.
type decoder func(rec *codecs.Record, c *tables.Change) error

func (d decoder) Decode(rec *codecs.Record, c *tables.Change) error { return d(rec, c) }

func newIntake(partitions int32, d decoder) *Intake {
	table := &tables.Table{Name: "orders"}
	table.Source.Topic, table.Source.Partitioner = "source", tables.PartitionMurmur2
	return New(Options{
		Table: table, Topic: "source", Partition: 1, Partitions: partitions, Decoder: d,
		Skipped: NewSkipped(instrument.Of("orders", nil)),
	})
}

func message(offset int64) *sarama.ConsumerMessage {
	return &sarama.ConsumerMessage{
		Topic: "source", Partition: 1, Offset: offset, Key: []byte("key"), Value: []byte("value"), Timestamp: time.Unix(5, 0),
		Headers: []*sarama.RecordHeader{{Key: []byte(runHeader), Value: []byte("run")}},
	}
}

func TestWhatIsDoneWithARecordIsSaidByItsEntry(t *testing.T) {
	for op, want := range map[tables.Op]pending.Action{
		tables.Upsert: pending.Fold, tables.Delete: pending.Fold, tables.Truncate: pending.Truncate, tables.Skip: pending.Skip,
	} {
		n := newIntake(1, func(_ *codecs.Record, c *tables.Change) error {
			c.Op, c.Reason = op, cdc.SkipHeartbeat
			return nil
		})
		var e pending.Entry
		if err := n.Decode(&e, message(7)); err != nil || e.Action != want || e.Offset != 7 || e.Change.Offset != 7 || e.Change.Partition != 1 {
			t.Errorf("%v: %+v, %v", op, e, err)
		}
		if len(e.Raw.Headers) != 1 || e.Size != len("key")+len("value")+len(runHeader)+len("run") {
			t.Errorf("%v: %d bytes, as it was read %+v", op, e.Size, e.Raw)
		}
	}
}

// A record that cannot be decoded goes to the dead letters, unless it may be decoded later.
func TestARecordThatCannotBeDecodedIsADeadLetter(t *testing.T) {
	fails := fmt.Errorf("at a place: %w", &codecs.Error{Field: "after.total", Reason: "no number"})
	n := newIntake(1, func(*codecs.Record, *tables.Change) error { return fails })
	var e pending.Entry
	if err := n.Decode(&e, message(7)); err != nil || e.Action != pending.DeadLetter || e.Field != "after.total" || e.Reason != "no number" {
		t.Errorf("%+v, %v", e, err)
	}
	fails = errors.New("anything else")
	e = pending.Entry{}
	if err := n.Decode(&e, message(7)); err != nil || e.Action != pending.DeadLetter || e.Field != "record" || e.Reason != "anything else" {
		t.Errorf("%+v, %v", e, err)
	}
	fails = fmt.Errorf("the registry is away: %w", codecs.ErrUnavailable)
	if err := n.Decode(&e, message(7)); !errors.Is(err, codecs.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

// Of a connector that names its run an event may come twice; of others positions prove nothing.
func TestOnlyAConnectorThatNamesItsRunRepeats(t *testing.T) {
	at := uint64(20)
	n := newIntake(1, func(_ *codecs.Record, c *tables.Change) error {
		c.Op, c.Time, c.Source = tables.Upsert, int64(at), tables.SourcePosition{Kind: tables.SourcePostgres, Minor: at}
		return nil
	})
	decode := func(m *sarama.ConsumerMessage) *pending.Entry {
		t.Helper()
		var e pending.Entry
		if err := n.Decode(&e, m); err != nil {
			t.Fatal(err)
		}
		return &e
	}
	if decode(message(1)).Behind {
		t.Error("the first event is behind another one")
	}
	at = 10
	if !decode(message(2)).Behind {
		t.Error("an event of before is not")
	}
	other := message(3)
	other.Headers = nil
	if decode(other).Behind {
		t.Error("one of a connector that does not name its run is")
	}
}

func TestARecordOfAnotherPartitionIsRefused(t *testing.T) {
	n := newIntake(2, nil)
	refused := 0
	for id := range 20 {
		m := message(int64(id))
		m.Key = fmt.Appendf(nil, `{"id":%d}`, id)
		home, _ := kafka.PartitionOf(tables.PartitionMurmur2, m.Key, 2)
		err := n.Check(m)
		var misplaced *PartitionerError
		switch {
		case home == 1 && err != nil:
			t.Errorf("%s belongs here: %v", m.Key, err)
		case home != 1 && (!errors.As(err, &misplaced) || misplaced.Want != home || misplaced.Offset != m.Offset):
			t.Errorf("%s belongs to partition %d: %v", m.Key, home, err)
		case home != 1:
			refused++
		}
	}
	if refused == 0 {
		t.Error("no key belongs elsewhere")
	}
	if err := newIntake(1, nil).Check(message(1)); err != nil {
		t.Errorf("with one partition: %v", err)
	}
}
