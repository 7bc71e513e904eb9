package deadletter

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
)

var names = kafka.Names{DeadLetters: "dlq", Keyed: "keyed", Batch: "control"}

// desk is a partition whose topics are slices.
type desk struct {
	t        *testing.T
	topics   map[string][]*kgo.Record
	bus      *bus.Bus
	brought  []*Try
	finished int
	settled  int64
	unacked  []func(error)
}

func newDesk(t *testing.T, repartitioned bool) *desk {
	d := &desk{t: t, topics: map[string][]*kgo.Record{}}
	d.bus = bus.New(bus.Options{
		Finish: func(int64) error { d.finished++; return nil },
		Begin:  func(f func()) bool { f(); return true },
		Fail:   func(err error) { t.Error(err) },
	})
	NewRetrier(Options{
		Names: names, Table: "orders", Source: "source", Partition: 1, Repartitioned: repartitioned,
		Read: func(topic string, _ int32, offset int64) (*kgo.Record, error) {
			if all := d.topics[topic]; offset < int64(len(all)) {
				return all[offset], nil
			}
			return nil, errNoRecord
		},
		KnownFrom: func() (int64, error) { return 40, nil },
		Bring:     func(n *Try) { d.brought = append(d.brought, n) },
		Send: func(rec kgo.Record, ack func(error)) {
			d.write(rec)
			d.unacked = append(d.unacked, ack)
		},
		Begin: func(f func()) bool { f(); return true }, Later: func(f func(), _ func(error)) { f() },
		Settled: func(_, deadLetters int64) { d.settled = deadLetters },
		Clock:   time.Now, Events: new(events.Listener).EnsureDefaults(),
	}).Register(d.bus)
	return d
}

var errNoRecord = errors.New("there is no such record")

func (d *desk) write(rec kgo.Record) {
	rec.Offset = int64(len(d.topics[rec.Topic]))
	d.topics[rec.Topic] = append(d.topics[rec.Topic], &rec)
}

// refuse makes a dead letter of a record of the source.
func (d *desk) refuse(raw codecs.Record, keyed int64, maxBytes int) {
	d.write(Record(&Refusal{Raw: &raw, Field: "after.v", Reason: "no number", KeyedOffset: keyed}, names.DeadLetters, 1, "orders", maxBytes, time.Now()))
}

func (d *desk) ask(action wire.DeadLetterAction, offsets ...int64) {
	d.t.Helper()
	rec := Requests(names.Batch, "id", action, map[int32][]int64{1: offsets})[0]
	if err := d.bus.Record(0, 0, rec.Value, func(error) {}); err != nil {
		d.t.Fatal(err)
	}
}

// answers are what the dead letters' topic says has become of them, by offset.
func (d *desk) answers() (out []string) {
	for _, rec := range d.topics[names.DeadLetters] {
		if a := Parse(rec); a.Resolves >= 0 {
			out = append(out, fmt.Sprintf("%d %s %s", a.Resolves, a.Result, a.Request))
		}
	}
	return out
}

func raw(partition int32, offset int64) codecs.Record {
	return codecs.Record{
		Topic: "source", Partition: partition, Offset: offset, Time: time.UnixMilli(1_700_000_000_000).UTC(), Key: []byte("k"), Value: []byte("value"),
		Headers: []codecs.Header{{Name: "own", Value: []byte("h")}},
	}
}

func TestADeadLetterTellsTheRecordAsItWas(t *testing.T) {
	d := newDesk(t, false)
	d.refuse(raw(1, 7), -1, 1<<20)
	l := Parse(d.topics[names.DeadLetters][0])
	if l.Topic != "source" || l.SourcePartition != 1 || l.Offset != 7 || l.KeyedOffset != -1 || l.Field != "after.v" || l.Error != "after.v: no number" ||
		string(l.Value) != "value" || len(l.Headers) != 1 || !l.Time.Equal(raw(1, 7).Time) || l.Resolves != -1 {
		t.Errorf("the letter is %+v", l)
	}
	d.refuse(raw(1, 8), 3, 10)
	if l := Parse(d.topics[names.DeadLetters][1]); l.Omitted != len("value") || l.Value != nil || l.KeyedOffset != 3 {
		t.Errorf("the letter of a large record is %+v", l)
	}
}

// A request is done when all of its answers are acknowledged.
func TestDroppedLettersAreAnsweredFor(t *testing.T) {
	d := newDesk(t, false)
	d.refuse(raw(1, 7), -1, 1<<20)
	d.refuse(raw(1, 8), -1, 1<<20)
	d.ask(wire.DropDeadLetters, 0, 1)
	if got := fmt.Sprint(d.answers()); got != "[0 dropped id 1 dropped id]" {
		t.Errorf("the answers are %s", got)
	}
	for i, ack := range d.unacked {
		if d.finished > 0 {
			t.Errorf("the request is done with %d answers acknowledged", i)
		}
		ack(nil)
	}
	if d.finished != 1 || d.settled != 2 || len(d.brought) > 0 {
		t.Errorf("done %d times, %d are settled, %d were read", d.finished, d.settled, len(d.brought))
	}
}

func TestALetterIsReadAsItOnceWas(t *testing.T) {
	for _, tt := range []struct {
		name          string
		repartitioned bool
		prep          func(*desk)
		want          string // position of the record, or the error
	}{
		{"of this partition", false, func(d *desk) { d.refuse(raw(1, 7), -1, 1<<20) }, "source/1/7 value"},
		{"too large", false, func(d *desk) {
			d.refuse(raw(1, 0), -1, 10)
			d.write(kgo.Record{Topic: "source", Partition: 1, Value: []byte("large")})
		}, "source/1/0 large"},
		{"gone from the source", false, func(d *desk) { d.refuse(raw(1, 7), -1, 10) }, errNoRecord.Error()},
		{"of another partition", false, func(d *desk) { d.refuse(raw(0, 7), -1, 1<<20) }, ErrOutdated.Error()},
		{"repartitioned", true, func(d *desk) { d.refuse(raw(3, 7), 5, 1<<20) }, "keyed/1/5 value"},
		{"an answer", false, func(d *desk) {
			d.write(kgo.Record{Topic: names.DeadLetters, Headers: []kgo.RecordHeader{{Key: HeaderResolves, Value: []byte("3")}}})
		}, "it is no dead letter"},
		{"none", false, func(*desk) {}, errNoRecord.Error()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, tt.repartitioned)
			tt.prep(d)
			d.ask(wire.RetryDeadLetters, 0)
			if len(d.brought) != 1 || d.brought[0].From != 40 {
				t.Fatalf("brought are %+v", d.brought)
			}
			n := d.brought[0]
			if n.Err != nil {
				if !strings.HasPrefix(n.Err.Error(), tt.want) {
					t.Errorf("the error is %v, want %s", n.Err, tt.want)
				}
				return
			}
			if got := fmt.Sprintf("%s/%d/%d %s", n.Record.Topic, n.Record.Partition, n.Record.Offset, n.Record.Value); got != tt.want {
				t.Errorf("it is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestWhatFailsIsNotSettled(t *testing.T) {
	d := newDesk(t, false)
	d.refuse(raw(1, 7), -1, 1<<20)
	d.refuse(raw(1, 8), -1, 1<<20)
	d.ask(wire.RetryDeadLetters, 0, 1)
	d.brought[0].Resolve(Failed, "after.v: still no number", "after.v")
	d.brought[1].Resolve(Applied, "", "")
	for _, ack := range d.unacked {
		ack(nil)
	}
	if d.finished != 1 || d.settled != 1 {
		t.Errorf("done %d times, %d are settled", d.finished, d.settled)
	}
	if got := fmt.Sprint(d.answers()); got != "[0 failed id 1 applied id]" {
		t.Errorf("the answers are %s", got)
	}
}
