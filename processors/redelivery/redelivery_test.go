package redelivery

import (
	"context"
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/instrument"
	"github.com/tidemark/tidemark/processors/intake"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/tables"
)

// decoder knows every record, unless what it needs is away.
type decoder struct{ away bool }

func (d *decoder) Decode(r *codecs.Record, c *tables.Change) error {
	if d.away {
		return codecs.ErrUnavailable
	}
	c.Key, c.Op = tables.Key(r.Key), tables.Upsert
	return nil
}

// world is a run whose feeder and whose goroutine that folds are the test's.
type world struct {
	*Redelivery
	*decoder
	t          *testing.T
	bus        *bus.Bus
	background []func()
	offsets    []int64
	errs       []error
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, decoder: &decoder{}, bus: bus.New(bus.Options{})}
	in := intake.New(intake.Options{
		Table: &tables.Table{}, Topic: "source", Partitions: 1, Decoder: w.decoder, Skipped: intake.NewSkipped(instrument.Of("orders", nil)),
	})
	w.Redelivery = New(t.Context(), func(f func()) bool { w.background = append(w.background, f); return true }, in)
	w.Register(w.bus)
	return w
}

func (w *world) record(offset int64) *Record {
	return &Record{Source: &kgo.Record{Topic: "source", Offset: offset, Key: []byte("k")}, Fold: func(e *pending.Entry, err error) error {
		at := int64(-1)
		if e != nil {
			at = e.Offset
		}
		w.offsets, w.errs = append(w.offsets, at), append(w.errs, err)
		return nil
	}}
}

// deliver brings a record to the feeder and has what is ready folded.
func (w *world) deliver(a *Record) {
	w.t.Helper()
	go w.Bring(a)
	(<-w.Loaded())()
	at, key := bus.Event{Kind: bus.Reread}.Carried()
	if err := w.bus.Event(at, string(key), nil); err != nil {
		w.t.Error(err)
	}
}

func (w *world) want(n int, offset int64, err error) {
	w.t.Helper()
	if len(w.offsets) != n || w.offsets[n-1] != offset || !errors.Is(w.errs[n-1], err) {
		w.t.Errorf("folded: %v, %v", w.offsets, w.errs)
	}
}

func TestARecordIsFoldedOnceUnderItsOffset(t *testing.T) {
	w := newWorld(t)
	w.deliver(w.record(7))
	w.want(1, 7, nil)
	w.deliver(w.record(3))
	w.want(2, 3, nil)
}

func TestWhoAskedIsToldWhatCouldNotBeReadOrDecoded(t *testing.T) {
	w := newWorld(t)
	gone := errors.New("not there any more")
	a := w.record(7)
	a.Source, a.Err = nil, gone
	w.deliver(a)
	w.want(1, -1, gone)
	w.away = true
	w.deliver(w.record(8))
	if len(w.errs) != 2 || !errors.Is(w.errs[1], codecs.ErrUnavailable) || len(w.background) != 0 {
		t.Errorf("folded: %v", w.errs)
	}
}

// An insert that lacks values is not asked for again: its record must not be given up.
func TestARecordThatWaitsIsBroughtAgain(t *testing.T) {
	w := newWorld(t)
	w.away = true
	a := w.record(7)
	a.Waits = true
	w.deliver(a)
	if len(w.offsets) != 0 || len(w.background) != 1 {
		t.Fatalf("folded: %v, %d in the background", w.offsets, len(w.background))
	}
	w.away = false
	w.deliver(a)
	w.want(1, 7, nil)
}

func TestABroughtRecordDoesNotOutliveTheRun(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	New(ctx, nil, nil).Bring(&Record{}) // nobody takes it
}
