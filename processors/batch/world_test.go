package batch

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// partition is a partition of a table without source, brokers and goka: a state, and topics
// that are slices.
type partition struct {
	t       *testing.T
	state   *state.Store
	catalog *Catalog
	cutter  *Cutter
	emitter *Emitter
	late    int // how often a cut had to wait

	bus      *bus.Bus
	finished int // control records

	mu      sync.Mutex
	changed bool // rows are marked
	next    int64
	refused int // writes that fail from now on
	topics  map[string][]*kgo.Record
}

var names = kafka.Names{Batch: "batch", Batches: "batches", Snapshot: "snapshot", Table: "table"}

func newPartition(t *testing.T, change ...func(*Options)) *partition {
	t.Helper()
	s, err := state.Open(state.Options{
		Dir: t.TempDir() + "/state", MaxAge: time.Hour, KeepDeletions: time.Hour, WriteBuffer: 1 << 20, Clock: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &partition{t: t, state: s, topics: map[string][]*kgo.Record{}}
	p.catalog = NewCatalog(CatalogOptions{End: func() (int64, error) { return 0, nil }})
	o := Options{
		Names: names, Partitions: 1, Fingerprint: 7, InFlight: 1 << 10, Catalog: p.catalog, Rows: p, Producer: p,
		Ends: func(context.Context, string) ([]int64, error) {
			return []int64{int64(len(p.read(names.Snapshot)))}, nil
		},
		Clock: time.Now, Events: new(events.Listener).EnsureDefaults(),
		CutAt: func(fed int64) int64 { return fed },
		Late:  func() { p.late++ }, Fail: func(err error) { t.Error(err) },
	}
	for _, f := range change {
		f(&o)
	}
	p.cutter, p.emitter = New(o)
	p.bus = bus.New(bus.Options{Finish: func(int64) error { p.finished++; return nil }})
	p.cutter.Register(p.bus)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.emitter.Run(ctx, s)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		p.emitter.End()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// Mark implements Rows.
func (p *partition) Mark() { p.changed = true }

// Boundary implements Rows: everything is acknowledged.
func (p *partition) Boundary(tell func(int64, error)) { tell(p.next, nil) }

var errRefused = errors.New("refused")

// Send implements Producer.
func (p *partition) Send(rec *kgo.Record, sent func(*kgo.Record, error)) {
	p.mu.Lock()
	var err error
	if p.refused > 0 {
		p.refused--
		err = errRefused
	} else {
		rec.Offset = int64(len(p.topics[rec.Topic]))
		p.topics[rec.Topic] = append(p.topics[rec.Topic], rec)
	}
	p.mu.Unlock()
	sent(rec, err)
}

func (p *partition) read(topic string) []*kgo.Record {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.topics[topic]
}

// put writes a row as of a source offset.
func (p *partition) put(key, v string, offset int64) {
	p.t.Helper()
	row := wire.AppendStateRow(nil, 7, &tables.Row{Offset: offset, Values: []tables.Value{tables.StringValue(v)}})
	if err := p.state.Put(key, row, state.Origin{Offset: offset}, p.changed); err != nil {
		p.t.Fatal(err)
	}
	p.next++
}

func (p *partition) remove(key string, offset int64, deletion []byte) {
	p.t.Helper()
	if err := p.state.Delete(key, state.Tomb{Offset: offset, Deletion: deletion}, state.Origin{Offset: offset}); err != nil {
		p.t.Fatal(err)
	}
	p.next++
}

func (p *partition) begin(wholeFrom int64) {
	p.t.Helper()
	if err := p.cutter.Begin(p.state, wholeFrom); err != nil {
		p.t.Fatal(err)
	}
}

func (p *partition) ask(batch uint64, source int64) {
	p.t.Helper()
	value := wire.AppendControl(nil, wire.Control{Kind: wire.Barrier, Batch: batch, Trigger: TriggerDemand, Started: 1})
	finished := p.finished
	if err := p.bus.Record(int64(batch), source, value, func(error) {}); err != nil {
		p.t.Fatal(err)
	}
	if p.finished != finished+1 {
		p.t.Error("the control record waits for something")
	}
}

// whole says that the state is whole from a source offset on.
func (p *partition) whole(next int64) error {
	offset, key := bus.Event{Kind: bus.Whole, Offset: next}.Carried()
	return p.bus.Event(offset, string(key), nil)
}

// manifest waits for the newest manifest to be that of a batch.
func (p *partition) manifest(batch uint64) wire.Manifest {
	p.t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if m, ok := p.catalog.Known(0); ok && m.Batch == batch && p.asked() == 0 {
			return m
		}
		select {
		case <-deadline:
			p.t.Fatalf("no batch %d", batch)
		case <-tick.C:
		}
	}
}

// asked is the batch that the state remembers to make, or 0.
func (p *partition) asked() uint64 {
	p.t.Helper()
	batch, _, err := p.state.Batches.Barrier()
	if err != nil {
		p.t.Fatal(err)
	}
	return batch
}
