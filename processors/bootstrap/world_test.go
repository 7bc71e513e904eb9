package bootstrap

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/evolve"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/instrument"
	"github.com/tidemark/tidemark/processors/recovery"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// partition is one that is filled, with a state, whose source and topics are slices and numbers.
type partition struct {
	*Filling
	t        *testing.T
	now      time.Time
	reported []wire.Bootstrap // in the progress topic
	refuse   error            // of writes to it
	rows     []written        // of the changelog
	unacked  []func(int64, error)
	hold     bool // nothing is acknowledged
	events   []bus.Event
	silent   bool // events are not dealt with
	unusable int

	mu         sync.Mutex
	done, next int64
	asked      chan struct{} // signalled when it is asked what is done
}

type written struct {
	key    string
	offset int64 // stamp
	row    *tables.Row
}

var errNotWritten = errors.New("not written")

func definition(generation int) *tables.Table {
	return &tables.Table{
		Name: "orders", Generation: generation, Key: []string{"id"},
		Source:  tables.Source{Topic: "shop.orders", Format: tables.UpsertJSON, Partitioner: tables.PartitionMurmur2},
		Columns: []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.String}}, {Name: "v", Type: tables.Type{Kind: tables.String}}},
	}
}

func newPartition(t *testing.T, rows seed.Rows, change ...func(*Options)) *partition {
	t.Helper()
	s, err := state.Open(state.Options{Dir: t.TempDir(), KeepDeletions: time.Hour, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p := &partition{t: t, now: time.Unix(1_000_000, 0)}
	to := definition(1)
	o := Options{
		Plan: &seed.Plan{From: definition(0), Rows: rows}, Table: to, Names: kafka.Names{Progress: "progress"},
		Input: kafka.Topic{Name: "shop.orders", Partitions: 1}, Fingerprint: wire.Fingerprint(to),
		Source: p, Producer: producer{p}, MaxAge: time.Hour, Note: func(wire.Bootstrap) {},
		Exceeds:    func(int, int) string { return "" },
		Unreadable: func(string, int64, error) { p.unusable++ },
		Clock:      func() time.Time { return p.now }, Events: new(events.Listener).EnsureDefaults(),
		Metrics: NewMetrics(instrument.Of("orders", nil)),
	}
	for _, f := range change {
		f(&o)
	}
	r := recovery.New(recovery.Options{Fingerprint: o.Fingerprint, Batch: state.Unknown, Unreadable: func(int64, error) { p.unusable++ }})
	r.Open(s)
	p.Filling = New(o).Begin(Run{Rows: p, Recovery: r, Event: p.event, Alive: func() error { return t.Context().Err() }})
	p.Open(s)
	p.Partition.asked, p.needed = true, true
	return p
}

// event has an event dealt with as the goroutine that folds does.
func (p *partition) event(_ context.Context, e bus.Event) bool {
	p.events = append(p.events, e)
	if p.silent {
		return false
	}
	if err := p.adopt(e); err != nil {
		p.t.Error(err)
	}
	return true
}

// Span, Done, Next, Idle, SkipTo and ReadFrom implement Source.
func (p *partition) Span() (oldest, end int64, err error) { return 0, 100, nil }

func (p *partition) Done() int64 {
	if p.asked != nil {
		p.asked <- struct{}{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}

func (p *partition) Next() int64           { return p.next }
func (p *partition) Idle() bool            { return true }
func (p *partition) SkipTo(offset int64)   { p.next = max(p.next, offset) }
func (p *partition) ReadFrom(offset int64) { p.next = offset }

// Put implements Rows.
func (p *partition) Put(key string, b []byte, from state.Origin, ack func(error)) error {
	s, err := wire.ParseStateRow(b)
	if err != nil {
		p.t.Fatal(err)
	}
	row, err := s.Row(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.state.Put(key, b, from, false); err != nil {
		return err
	}
	p.rows = append(p.rows, written{nameOf(key), from.Offset, &row})
	ack(nil)
	return nil
}

// Append, Send, Boundary, Room and Keep implement Rows.
func (p *partition) Append(r rowwriter.Record, ack func(error)) {
	p.rows = append(p.rows, written{key: nameOf(r.Key), offset: r.Offset})
	ack(nil)
}

func (p *partition) Send(kgo.Record, func(error)) { p.t.Error("a record of no topic") }

func (p *partition) Boundary(tell func(int64, error)) {
	if p.hold {
		p.unacked = append(p.unacked, tell)
		return
	}
	tell(0, nil)
}

func (p *partition) Room(int) []byte      { return nil }
func (p *partition) Keep(b []byte) []byte { return b }

// producer has what is written to the progress topic.
type producer struct{ *partition }

func (p producer) Send(rec *kgo.Record, sent func(*kgo.Record, error)) {
	s, err := wire.ParseBootstrap(rec.Value)
	if err != nil {
		p.t.Error(err)
	}
	if p.refuse == nil {
		p.partition.reported = append(p.partition.reported, s)
	}
	sent(rec, p.refuse)
}

// keyOf is the key of a row with a name, and nameOf the other way round.
func keyOf(name string) string { return string(tables.EncodeKey(tables.StringValue(name))) }

func nameOf(key string) string {
	for _, name := range []string{"a", "b", "c", "kept", "told", "unusable", "gone"} {
		if keyOf(name) == key {
			return name
		}
	}
	return key
}

func stateRow(offset int64, v string) []byte { return homeRow(offset, v, 0, 0) }

func homeRow(offset int64, v string, home int32, time int64) []byte {
	row := tables.Row{Offset: offset, SourcePartition: home, Time: time, Values: []tables.Value{tables.StringValue("id"), tables.StringValue(v)}}
	return wire.AppendStateRow(nil, wire.Fingerprint(definition(0)), &row)
}

// previous keeps a row of the older generation.
func (p *partition) previous(key string, row []byte) {
	p.t.Helper()
	if err := p.state.Previous.Put(keyOf(key), row); err != nil {
		p.t.Fatal(err)
	}
}

// put has the table have a row.
func (p *partition) put(key string, offset int64, v string) {
	p.t.Helper()
	if err := p.state.Put(keyOf(key), stateRow(offset, v), state.Origin{Offset: offset}, false); err != nil {
		p.t.Fatal(err)
	}
}

func (p *partition) carrying() *carrying {
	p.t.Helper()
	w, err := evolve.NewRewriter(p.opts.Plan.From, p.opts.Table)
	if err != nil {
		p.t.Fatal(err)
	}
	return &carrying{Filling: p.Filling, rewriter: w, unread: map[tables.Key]error{}, newest: state.Unknown}
}
