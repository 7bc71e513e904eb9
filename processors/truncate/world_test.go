package truncate

import (
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// partition is one with a state, whose changelog and control topic are slices.
type partition struct {
	*Truncates
	t        *testing.T
	bus      *bus.Bus
	finished []int64 // control records
	sent     []wire.Control
	to       []int32     // the partitions that they were sent to
	gone     []tombstone // of the changelog
	unacked  []func(error)
	hold     bool // nothing is acknowledged
	over     error
}

type tombstone struct {
	key           string
	offset, stamp int64
}

func newPartition(t *testing.T, at, of int32, change ...func(*Options)) *partition {
	t.Helper()
	s, err := state.Open(state.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p := &partition{t: t}
	o := Options{
		Topic: "control", Partition: at, Partitions: of, Rows: p, End: func() (int64, error) { return 10, nil }, Clock: time.Now,
		UntilOver: func(done func(error)) func(error) { return done },
		Later:     func(f func(), _ func(error)) { f() }, Alive: func() error { return p.over },
		Events: new(events.Listener).EnsureDefaults(),
	}
	for _, f := range change {
		f(&o)
	}
	p.Truncates = New(o)
	if err := p.Begin(s); err != nil {
		t.Fatal(err)
	}
	p.bus = bus.New(bus.Options{
		Finish: func(at int64) error { p.finished = append(p.finished, at); return nil },
		Begin:  func(f func()) bool { f(); return true },
		Fail:   func(err error) { t.Error(err) },
	})
	p.Register(p.bus)
	return p
}

// Delete implements Rows.
func (p *partition) Delete(key string, d *rowwriter.Deletion, ack func(error)) error {
	p.gone = append(p.gone, tombstone{key, d.Offset, d.From.Offset})
	deletion := wire.AppendDeletion(nil, &d.Says)
	if err := p.state.Delete(key, state.Tomb{Offset: d.Offset, Brief: d.Says.Truncate, Deletion: deletion}, d.From); err != nil {
		p.t.Fatal(err)
	}
	p.ack(ack)
	return nil
}

// Send implements Rows.
func (p *partition) Send(rec kgo.Record, ack func(error)) {
	c, err := wire.ParseControl(rec.Value)
	if err != nil {
		p.t.Fatal(err)
	}
	p.sent, p.to = append(p.sent, c), append(p.to, rec.Partition)
	p.ack(ack)
}

func (p *partition) ack(done func(error)) {
	if p.hold {
		p.unacked = append(p.unacked, done)
		return
	}
	done(nil)
}

func (p *partition) put(key string, offset, time int64) {
	p.t.Helper()
	b := wire.AppendStateRow(nil, 0, &tables.Row{Offset: offset, Time: time})
	if err := p.state.Put(key, b, state.Origin{Offset: offset}, false); err != nil {
		p.t.Fatal(err)
	}
}

func (p *partition) rows() (keys []string) {
	p.t.Helper()
	err := p.state.Each(func(key string, _ []byte) error {
		keys = append(keys, key)
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return keys
}

// meet has a truncate met, and returns the results that done was called with.
func (p *partition) meet(e Event) *[]error {
	p.t.Helper()
	results := &[]error{}
	if err := p.Meet(&e, func(err error) { *results = append(*results, err) }); err != nil {
		p.t.Fatal(err)
	}
	return results
}

// control has a control record of another partition dealt with, and returns how its message ended.
func (p *partition) control(at int64, c wire.Control) *[]error {
	p.t.Helper()
	results := &[]error{}
	if err := p.bus.Record(at, 0, wire.AppendControl(nil, c), func(err error) { *results = append(*results, err) }); err != nil {
		p.t.Fatal(err)
	}
	return results
}

func isDone(results *[]error) bool { return slices.Equal(*results, []error{nil}) }
