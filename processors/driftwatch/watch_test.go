package driftwatch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/IBM/sarama"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/processors/instrument"
	"github.com/tidemark/tidemark/tables"
)

// partition is one whose records are given to a watch.
type partition struct {
	*Watch
	health *health.Tracker
	next   int64
}

func newPartition(of *Table, number int32, count prometheus.Counter, replaying func() bool) *partition {
	p := &partition{health: health.New()}
	found := &events.Listener{SchemaFound: func(events.SchemaFound) { count.Inc() }}
	p.Watch = of.Watch(Options{
		Partition: number, Replaying: replaying, Health: p.health, Events: found.EnsureDefaults(),
		Table: &tables.Table{
			Name: "orders", Key: []string{"id"}, Source: tables.Source{Topic: "orders", Format: tables.DebeziumJSON},
			Columns: []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "v", Type: tables.Type{Kind: tables.String}}},
		},
	})
	return p
}

// read keeps records with these members, and looks at them.
func (p *partition) read(members string, times int) {
	for range times {
		p.Keep(&sarama.ConsumerMessage{
			Topic: "orders", Offset: p.next, Key: fmt.Appendf(nil, `{"id":%d}`, p.next), Value: fmt.Appendf(nil, `{"op":"c","after":{"id":%d,%s}}`, p.next, members),
		})
		p.next++
	}
	p.Look()
}

func (p *partition) drift() string {
	for _, t := range p.health.Health().Troubles {
		if t.Reason == tables.SchemaDrift {
			return t.Text
		}
	}
	return ""
}

func counted(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetCounter().GetValue()
}

func never() bool { return false }

// A schema changes once, and in the partitions one after the other; one that comes back is compared with what it was.
func TestAChangeOfSchemaIsCountedOnce(t *testing.T) {
	var known Table
	count := NewCount(instrument.Of("orders", nil))
	one, two := newPartition(&known, 0, count, never), newPartition(&known, 1, count, never)
	one.read(`"v":"a"`, 3)
	two.read(`"v":"a"`, 3)
	if one.drift() != "" || two.drift() != "" || known.Looked() != 2 {
		t.Fatalf("told before anything has changed: %q, %q", one.drift(), two.drift())
	}
	one.read(`"v":"a","priority":1`, 1)
	two.read(`"v":"a","priority":1`, 1)
	back := newPartition(&known, 1, count, never) // another claim
	back.read(`"v":"a","priority":1`, 1)
	for i, p := range []*partition{one, two, back} {
		if !strings.Contains(p.drift(), "priority") {
			t.Errorf("partition %d tells %q", i, p.drift())
		}
	}
	if n := counted(t, count); n != 1 {
		t.Errorf("it was counted %v times", n)
	}
}

// What is read again for a new generation is from before, and what was kept of it is not looked at later.
func TestAReplayIsNotCompared(t *testing.T) {
	var known Table
	replaying := true
	p := newPartition(&known, 0, NewCount(instrument.Of("orders", nil)), func() bool { return replaying })
	p.read(`"v":"a"`, 3)
	replaying = false
	p.Forget()
	p.read(`"v":"a","priority":1`, 3)
	if text := p.drift(); strings.Contains(text, "than it was") || known.Looked() != 1 {
		t.Errorf("%q", text)
	}
}

func TestOnlyTheNewestRecordsAreKept(t *testing.T) {
	var n newest
	for offset := range int64(20) {
		n.keep(&sarama.ConsumerMessage{Offset: offset})
	}
	n.keep(&sarama.ConsumerMessage{Offset: 20, Value: make([]byte, newestBytes+1)})
	got := n.take()
	if len(got) != newestRecords || got[0].Offset != 12 || got[newestRecords-1].Offset != 19 {
		t.Errorf("%d records from %d on", len(got), got[0].Offset)
	}
	if len(n.take()) != 0 {
		t.Error("they are kept when they were taken")
	}
}
