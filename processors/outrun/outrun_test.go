package outrun

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/instrument"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// partition is one with a state, whose control topic and changelog are slices.
type partition struct {
	*Outruns
	t           *testing.T
	bus         *bus.Bus
	state       *state.Store
	asked       map[int32][]wire.Outrun // of other partitions
	gone, again []string                // keys
	made, begun uint64
	filled      bool
	whole       bool
	unreadable  int
}

func newPartition(t *testing.T) *partition {
	t.Helper()
	s, err := state.Open(state.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p := &partition{t: t, state: s, asked: map[int32][]wire.Outrun{}, filled: true, whole: true}
	p.Outruns = New(Options{
		Topic: "control", Partition: 0, Partitions: 3, Several: true, Filled: func() bool { return p.filled },
		Named: &Named{}, Rows: p, Producer: p,
		Again: func(key string, _ state.Tomb, _ *rowwriter.Acks) error { p.again = append(p.again, key); return nil },
		Made:  func() uint64 { return p.made }, Asked: func() uint64 { return p.begun }, Whole: func(int64) bool { return p.whole },
		Alive: func() error { return nil }, Unreadable: func(int64, error) { p.unreadable++ },
		Clock: time.Now, Events: new(events.Listener).EnsureDefaults(), Count: NewCount(instrument.Of("orders", nil)),
	})
	p.Begin(s)
	p.bus = bus.New(bus.Options{
		Finish: func(int64) error { return nil }, Begin: func(f func()) bool { f(); return true }, Fail: func(err error) { t.Error(err) },
	})
	p.Register(p.bus)
	return p
}

// Delete implements Rows.
func (p *partition) Delete(key string, d *rowwriter.Deletion, ack func(error)) error {
	p.gone = append(p.gone, key)
	ack(nil)
	return p.state.Delete(key, state.Tomb{Offset: d.Offset, Deletion: wire.AppendDeletion(nil, &d.Says)}, d.From)
}

// Send implements Producer.
func (p *partition) Send(rec *kgo.Record, sent func(*kgo.Record, error)) {
	c, err := wire.ParseControl(rec.Value)
	if err != nil {
		p.t.Fatal(err)
	}
	some, err := wire.ParseOutruns([]byte(c.Body))
	if err != nil {
		p.t.Fatal(err)
	}
	p.asked[rec.Partition] = append(p.asked[rec.Partition], some...)
	sent(rec, nil)
}

func position(lsn uint64) tables.SourcePosition {
	return tables.SourcePosition{Kind: tables.SourcePostgres, Minor: lsn}
}

// row puts a row of a source position into the state.
func (p *partition) row(key string, lsn uint64) tables.Precedence {
	p.t.Helper()
	r := tables.Row{Values: []tables.Value{tables.StringValue(key)}, Offset: int64(lsn), Source: position(lsn), Time: int64(lsn)}
	if err := p.state.Put(key, wire.AppendStateRow(nil, 1, &r), state.Origin{Offset: r.Offset}, false); err != nil {
		p.t.Fatal(err)
	}
	b, err := p.state.Get(key)
	if err != nil {
		p.t.Fatal(err)
	}
	parsed, err := wire.ParseStateRow(b)
	if err != nil {
		p.t.Fatal(err)
	}
	return parsed.Precedence()
}

// asks has another partition ask for a key to be given up.
func (p *partition) asks(key string, later tables.Precedence, change ...func(*wire.Control)) {
	p.t.Helper()
	c := wire.Control{
		Kind: wire.GiveUp, Started: time.Now().UnixMicro(), Partition: 1,
		Body: string(wire.AppendOutruns(nil, []wire.Outrun{{Key: tables.Key(key), Later: later}})),
	}
	for _, f := range change {
		f(&c)
	}
	if err := p.bus.Record(1, 1, wire.AppendControl(nil, c), func(error) {}); err != nil {
		p.t.Fatal(err)
	}
}

func TestARowIsGivenUpForALaterChangeOnly(t *testing.T) {
	p := newPartition(t)
	older, newer := p.row("a", 10), p.row("b", 30)
	p.asks("b", older)
	if len(p.gone) != 0 {
		t.Fatalf("given up for an older change: %v", p.gone)
	}
	p.asks("a", newer)
	p.asks("a", newer)
	if len(p.gone) != 1 || p.gone[0] != "a" || len(p.again) != 1 {
		t.Errorf("given up %v, written again %v; want a, once each", p.gone, p.again)
	}
}

func TestNoRowIsGivenUp(t *testing.T) {
	for name, change := range map[string]func(p *partition, c *wire.Control){
		"while the generation is filled":          func(p *partition, _ *wire.Control) { p.filled = false },
		"while rows are kept":                     func(p *partition, _ *wire.Control) { p.Named.KeepRows(true) },
		"while the state is ahead":                func(p *partition, _ *wire.Control) { p.whole = false },
		"while a batch is under way":              func(p *partition, _ *wire.Control) { p.begun = 3 },
		"before the batch that the other has met": func(_ *partition, c *wire.Control) { c.Batch = 1 },
		"for a request of long ago": func(_ *partition, c *wire.Control) {
			c.Started = time.Now().Add(-AskedFor - time.Second).UnixMicro()
		},
		"for this partition itself":         func(_ *partition, c *wire.Control) { c.Partition = 0 },
		"for a partition that is not there": func(_ *partition, c *wire.Control) { c.Partition = 3 },
		"for what cannot be read":           func(_ *partition, c *wire.Control) { c.Body = "junk" },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPartition(t)
			p.row("a", 10)
			later := p.row("b", 30)
			p.asks("a", later, func(c *wire.Control) { change(p, c) })
			if len(p.gone) != 0 {
				t.Errorf("given up: %v", p.gone)
			}
			if want := name == "for what cannot be read"; want != (p.unreadable == 1) {
				t.Errorf("%d requests are told to be unreadable", p.unreadable)
			}
		})
	}
}

// Others are asked only for what the state has as the view has read it.
func TestOthersAreAskedForWhatIsTheLatest(t *testing.T) {
	p := newPartition(t)
	latest := p.row("a", 10)
	stale := latest
	p.row("b", 20)
	p.Named.Add([]wire.DuplicateKey{
		{Outrun: wire.Outrun{Key: "a", Later: latest}, Losing: []int32{0, 1, 2, 7}},
		{Outrun: wire.Outrun{Key: "b", Later: stale}, Losing: []int32{1}},
	}, func(int32) bool { return true })
	if err := p.askOthers(bus.Event{Kind: bus.Outrun}); err != nil {
		t.Fatal(err)
	}
	if len(p.asked) != 2 || len(p.asked[1]) != 1 || len(p.asked[2]) != 1 || p.asked[1][0].Key != "a" {
		t.Errorf("asked: %v; want 1 and 2 for a", p.asked)
	}
	if p.Named.Waiting(0) {
		t.Error("what was looked at is looked at again")
	}
}

func TestNamedKeysAreBounded(t *testing.T) {
	var o Named
	for range 2 * maxNamed {
		o.Add([]wire.DuplicateKey{{Outrun: wire.Outrun{Key: "k"}}}, func(int32) bool { return true })
	}
	if n := len(o.take(0)); n != maxNamed {
		t.Errorf("%d keys are kept, want %d", n, maxNamed)
	}
}
