package batch

import (
	"context"
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
)

func TestABarrierThatIsMetEarlyWaitsForTheWholeState(t *testing.T) {
	p := newPartition(t)
	p.begin(10)
	p.put("a", "1", 8)
	p.ask(1, 5)
	p.ask(2, 6)
	if p.asked() != 2 || p.late != 2 {
		t.Errorf("batch %d is remembered, %d cuts had to wait", p.asked(), p.late)
	}
	if p.cutter.Due(9) {
		t.Error("it is due before the state is whole")
	}
	if !p.cutter.Due(10) || p.cutter.Due(10) {
		t.Error("it is not due once")
	}
	if err := p.whole(10); err != nil {
		t.Fatal(err)
	}
	if m := p.manifest(2); m.Source != 10 || m.Rows != 1 {
		t.Errorf("the manifest is %+v", m)
	}
	if err := p.whole(11); err != nil {
		t.Fatal(err)
	}
	if n := len(p.read(names.Batches)); n != 1 {
		t.Errorf("%d manifests, want one", n)
	}
}

func TestABatchThatWasNotMadeIsTakenUp(t *testing.T) {
	for name, made := range map[string]uint64{"nothing made": 0, "made meanwhile": 4} {
		t.Run(name, func(t *testing.T) {
			p := newPartition(t)
			if err := p.state.Batches.SetBarrier(4, wire.AppendControl(nil, wire.Control{Kind: wire.Barrier, Batch: 4})); err != nil {
				t.Fatal(err)
			}
			if made > 0 {
				p.catalog.Add(wire.Manifest{Batch: made, Partitions: 1})
			}
			p.begin(3)
			if due := p.cutter.Due(3); due != (made == 0) {
				t.Fatalf("due is %v", due)
			}
			if made > 0 {
				if p.asked() != 0 {
					t.Error("the batch is still remembered")
				}
				return
			}
			if err := p.whole(3); err != nil {
				t.Fatal(err)
			}
			p.manifest(4)
		})
	}
}

func TestABarrierOfABatchThatWasTakenDoesNothing(t *testing.T) {
	p := newPartition(t)
	p.catalog.Add(wire.Manifest{Batch: 3, Partitions: 1})
	p.begin(0)
	p.ask(3, 0)
	p.ask(5, 0)
	p.ask(4, 0)
	p.manifest(5)
	if p.cutter.Asked() != 5 || len(p.read(names.Batches)) != 1 {
		t.Errorf("batch %d was asked for, there are %d manifests", p.cutter.Asked(), len(p.read(names.Batches)))
	}
}

func TestOfCutsThatWaitTheNewestIsTaken(t *testing.T) {
	p := newPartition(t)
	w := newWaiting()
	take := func() *cut {
		s, err := p.state.Batches.Cut()
		if err != nil {
			t.Fatal(err)
		}
		return &cut{snapshot: s}
	}
	old, young := take(), take()
	w.put(old)
	w.put(young)
	if !w.superseded() || w.take() != young || w.take() != nil || w.superseded() {
		t.Error("not the newest alone is taken")
	}
	young.snapshot.Release()
	w.put(take())
	w.end()
	w.put(take()) // the state closes only when every cut is given back
	if w.take() != nil {
		t.Error("a cut is taken after the end")
	}
}

// holding is a producer that acknowledges when it is told to.
type holding struct{ sent []func() }

func (h *holding) Send(rec *kgo.Record, sent func(*kgo.Record, error)) {
	h.sent = append(h.sent, func() { sent(rec, nil) })
}

func TestWhatIsOnItsWayIsBounded(t *testing.T) {
	h := &holding{}
	f := newInflight(h, 2*recordRoom+10)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 {
		if err := f.send(t.Context(), &kgo.Record{Key: []byte("k")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.send(gone, &kgo.Record{Key: []byte("k")}); !errors.Is(err, context.Canceled) {
		t.Errorf("a third record is sent: %v", err)
	}
	h.sent[0]()
	if err := f.send(t.Context(), &kgo.Record{Key: []byte("k")}); err != nil {
		t.Fatal(err)
	}
	if err := f.wait(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("all is acknowledged: %v", err)
	}
	h.sent[1]()
	h.sent[2]()
	if err := f.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}
