package keychange

import (
	"errors"

	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/instrument"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// world has the partitions of a table, each with a state, whose control topic is a queue.
type world struct {
	t     *testing.T
	parts []*partition
	queue []*kgo.Record
}

type partition struct {
	*Asker
	answerer     *Answerer
	beforeImages *BeforeImages
	w            *world
	bus          *bus.Bus
	next         int64 // of the control topic
	finished     int64
	end          int64
	endErr       error
	folded       []string // the before-images that inserts were folded with
	again        []string // those that came late
	options      Options
}

func newWorld(t *testing.T, n int32) *world {
	t.Helper()
	w := &world{t: t}
	for at := range n {
		s, err := state.Open(state.Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		p := &partition{w: w}
		p.options = Options{
			Topic: "control", Partition: at, Partitions: n, Fingerprint: 7, Columns: 1, Wait: time.Hour,
			Send: func(rec kgo.Record, ack func(error)) {
				w.queue = append(w.queue, &rec)
				ack(nil)
			},
			End: func() (int64, error) { return p.end, p.endErr }, Clock: time.Now,
			UntilOver: func(done func(error)) func(error) { return done },
			ReadAgain: func(_ int64, image []byte, done bus.Done) {
				p.again = append(p.again, valueOf(t, image))
				done.When(nil)
			},
			Look: func() {}, Fail: func(err error) { t.Error(err) }, Events: new(events.Listener).EnsureDefaults(),
			Metrics: NewMetrics(instrument.Of("orders", nil)),
		}
		p.begin(s)
		w.parts = append(w.parts, p)
	}
	return w
}

// begin begins a run.
func (p *partition) begin(s *state.Store) {
	p.w.t.Helper()
	p.beforeImages, p.Asker, p.answerer = New(p.options)
	p.beforeImages.Open(s)
	p.bus = bus.New(bus.Options{
		Finish: func(int64) error { p.finished++; return nil },
		Begin:  func(f func()) bool { f(); return true },
		Fail:   func(err error) { p.w.t.Error(err) },
	})
	p.Register(p.bus)
	p.answerer.Register(p.bus)
	if err := p.answerer.Begin(s); err != nil {
		p.w.t.Fatal(err)
	}
}

// run delivers control records until there are none left.
func (w *world) run() {
	w.t.Helper()
	for len(w.queue) > 0 {
		rec := w.queue[0]
		w.queue = w.queue[1:]
		p := w.parts[rec.Partition]
		p.next++
		if err := p.bus.Record(p.next, 0, rec.Value, func(error) {}); err != nil {
			w.t.Fatal(err)
		}
	}
	for at, p := range w.parts {
		if p.finished != p.next {
			w.t.Errorf("partition %d: %d of %d control records are done", at, p.finished, p.next)
		}
	}
}

func position(at uint64) tables.SourcePosition {
	return tables.SourcePosition{Kind: tables.SourcePostgres, Minor: at}
}

// ask has the insert of a change of key at an offset ask for its before-image, and returns the results that done was called with.
func (p *partition) ask(at int64, old, new string) *[]error {
	results := &[]error{}
	c := &tables.Change{Op: tables.Upsert, Incomplete: true, Offset: at, Time: at * 1_000_000, Source: position(uint64(at)), OldKey: tables.Key(old), Key: tables.Key(new)}
	fold := func(image []byte, _ *rowwriter.Acks) (bool, error) {
		p.folded = append(p.folded, valueOf(p.w.t, image))
		return image == nil, nil
	}
	p.Ask(c, fold, func(err error) { *results = append(*results, err) })
	return results
}

// remove meets the deletion of a change of key at an offset, which found a row or none.
func (p *partition) remove(at int64, old, new, v string) {
	p.w.t.Helper()
	var row *tables.Row
	if v != "" {
		row = &tables.Row{Values: []tables.Value{tables.StringValue(v)}}
	}
	c := &tables.Change{Op: tables.Delete, Offset: at, Source: position(uint64(at)), Key: tables.Key(old), NewKey: tables.Key(new)}
	if _, err := p.beforeImages.Keep(c, row); err != nil {
		p.w.t.Fatal(err)
	}
	if err := p.answerer.Deleted(c.Key, c.NewKey); err != nil {
		p.w.t.Fatal(err)
	}
}

// read lets the grace pass, and reads all that the source has.
func (p *partition) read() {
	p.w.t.Helper()
	if err := p.answerer.attend(time.Now().Add(2 * grace)); err != nil {
		p.w.t.Fatal(err)
	}
	if !p.answerer.Due(p.end) {
		return
	}
	offset, key := bus.Event{Kind: bus.Reached, Offset: p.end}.Carried()
	if err := p.bus.Event(offset, string(key), nil); err != nil {
		p.w.t.Fatal(err)
	}
}

func valueOf(t *testing.T, image []byte) string {
	t.Helper()
	if image == nil {
		return "none"
	}
	s, err := wire.ParseStateRow(image)
	if err != nil {
		t.Fatal(err)
	}
	row, err := s.Row(nil)
	if err != nil || len(row.Values) != 1 {
		t.Fatalf("the image has %d values: %v", len(row.Values), err)
	}
	return row.Values[0].Str()
}

func (p *partition) count(v *prometheus.CounterVec, result string) int {
	p.w.t.Helper()
	var m dto.Metric
	if err := v.WithLabelValues(result).Write(&m); err != nil {
		p.w.t.Fatal(err)
	}
	return int(m.GetCounter().GetValue())
}

func (p *partition) want(results *[]error, folded ...string) {
	p.w.t.Helper()
	if _, waits := p.Waits(); waits || !slices.Equal(*results, []error{nil}) || !slices.Equal(p.folded, folded) {
		p.w.t.Errorf("told %v, folded with %q, want %q", *results, p.folded, folded)
	}
}

var errNoEnd = errors.New("no end")
