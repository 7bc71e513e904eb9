package progress

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/tables"
)

// world is a partition whose queue, group, changelog and producer are numbers.
type world struct {
	t *testing.T
	*Reporter
	now       time.Time
	low, next int64
	seen      tables.SourcePosition
	marked    []int64
	changelog int64
	stamped   int64
	sent      []*kgo.Record
	acked     bool // what is sent
	healthy   wire.Health
	own, all  *health.Tracker
}

func newWorld(t *testing.T, from int64) *world {
	t.Helper()
	w := &world{t: t, now: time.Unix(1000, 0), low: from, next: from, stamped: -1, own: health.New(), all: health.New()}
	w.Reporter = New(Options{
		Topic: "progress", Partition: 3, SourceID: [16]byte{1}, ChangelogID: [16]byte{2}, From: from,
		Queue: w, Group: w, Producer: w, Health: w.own, Table: w.all,
		Reached: func(int64, int64) {}, Healthy: func(h wire.Health) { w.healthy = h },
		Clock: func() time.Time { return w.now }, Events: new(events.Listener).EnsureDefaults(),
	})
	return w
}

func (w *world) LowWatermark() (int64, tables.SourcePosition) { return w.low, w.seen }
func (w *world) ReadNext() int64                              { return w.next }
func (w *world) Progress() (next, stamped int64)              { return w.changelog, w.stamped }
func (w *world) Mark(next int64)                              { w.marked = append(w.marked, next) }
func (w *world) Generation() uint32                           { return 9 }

func (w *world) Send(rec *kgo.Record, sent func(*kgo.Record, error)) {
	w.sent = append(w.sent, rec)
	if w.acked {
		sent(rec, nil)
		return
	}
	sent(rec, errors.New("what is not written is said again by the next one"))
}

// reported is what the records since the last look say.
func (w *world) reported() (out []wire.Progress) {
	w.t.Helper()
	for _, r := range w.sent {
		p, err := wire.ParseProgress(r.Value)
		if err != nil || r.Topic != "progress" || string(r.Key) != string(wire.AppendProgressKey(nil, 3)) {
			w.t.Fatalf("%+v: %v", r, err)
		}
		out = append(out, p)
	}
	w.sent = nil
	return out
}

func (w *world) same(what string, got, want any) {
	w.t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		w.t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// What a record of the changelog implies is not reported once more, until a sign of life is due.
func TestOnlyWhatTheChangelogDoesNotSayIsToldAtOnce(t *testing.T) {
	w := newWorld(t, 5)
	is := func(source int64) []wire.Progress {
		return []wire.Progress{{Partition: 3, Source: source, Changelog: w.changelog, Clock: w.now.UnixMicro(), Generation: 9, Position: w.seen}}
	}
	w.Report(w)
	w.same("at first", w.reported(), is(5))
	w.low, w.changelog, w.stamped = 7, 40, 6
	w.Report(w)
	w.same("the stamp says it", w.reported(), []wire.Progress(nil))
	w.low, w.seen = 8, tables.SourcePosition{Kind: tables.SourcePostgres, Major: 77}
	w.Report(w)
	w.same("a skipped event", w.reported(), is(8))
	w.Report(w)
	w.same("nothing new", w.reported(), []wire.Progress(nil))
	w.now = w.now.Add(LifeSign)
	w.Report(w)
	w.same("a sign of life", w.reported(), is(8))
	w.now = w.now.Add(time.Hour)
	w.low = 9 // not reported in this claim: it is refused before
	w.Repeat()
	if got := w.reported(); len(got) != 1 || got[0].Source != 8 || got[0].Clock != w.now.UnixMicro() {
		t.Errorf("repeated: %+v", got)
	}
}

// TestWhatChangesAtRestIsToldWithinALifeSign has a partition at rest whose health, group or changelog changes.
func TestWhatChangesAtRestIsToldWithinALifeSign(t *testing.T) {
	for what, change := range map[string]func(*world){
		"trouble":   func(w *world) { w.own.Tell(tables.Trouble{Reason: tables.DeadLetters, Text: "many"}) },
		"changelog": func(w *world) { w.changelog++ },
		"position":  func(w *world) { w.seen = tables.SourcePosition{Kind: tables.SourcePostgres, Major: 77} },
		"not sent": func(w *world) {
			w.forget() // as when the record before was not acknowledged
		},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, 5)
			w.acked = true
			w.own.GoOnFrom(wire.Health{})
			w.Report(w)
			w.reported()
			for at := LifeSign; at <= 2*AtRest; at += LifeSign {
				w.now = w.now.Add(LifeSign)
				w.Report(w)
				want := 0
				if at%AtRest == 0 {
					want = 1
				}
				if got := len(w.reported()); got != want {
					t.Errorf("at rest for %s: %d records", at, got)
				}
			}
			change(w)
			w.now = w.now.Add(LifeSign)
			if w.Report(w); len(w.reported()) != 1 {
				t.Error("it is not told")
			}
		})
	}
}

func TestNoOffsetOfAStretchThatIsMendedIsTold(t *testing.T) {
	w := newWorld(t, 10)
	w.seen = tables.SourcePosition{Kind: tables.SourcePostgres, Major: 77}
	if !w.Mend(20) {
		t.Fatal("nothing to be mended from 10 to 20")
	}
	step := func(low, reported int64, position bool) {
		t.Helper()
		w.low, w.now = low, w.now.Add(LifeSign)
		w.Commit()
		w.Report(w)
		got := w.reported()
		if len(got) != 1 || got[0].Source != reported || got[0].Position.Known() != position {
			t.Errorf("at %d: %+v, want offset %d", low, got, reported)
		}
	}
	step(10, 10, true)
	step(15, 10, false)
	w.same("committed", w.marked, []int64(nil))
	if !w.Mend(18) { // another run, before the first one was done
		t.Fatal("nothing to be mended from 15 to 18")
	}
	step(17, 10, false)
	step(18, 18, true)
	w.same("committed", w.marked, []int64{18})
	if w.Mend(18) {
		t.Error("a stretch without an offset is mended")
	}
	step(18, 18, true)
	w.same("committed", w.marked, []int64{18})
	w.Restart()
	step(18, 18, true)
	w.same("committed after the group has begun anew", w.marked, []int64{18, 18})
}

// Health goes along once what owners before have counted is known; the table's troubles are reported by one owner.
func TestHealthIsToldWhenItIsKnown(t *testing.T) {
	w := newWorld(t, 0)
	header := func() []byte {
		t.Helper()
		w.Repeat()
		defer func() { w.sent = nil }()
		for _, h := range w.sent[0].Headers {
			if h.Key == wire.HealthName {
				return h.Value
			}
		}
		return nil
	}
	w.own.Source.Count(health.Counts{Rows: 1, Until: 1})
	if header() != nil || w.healthy.Rows != 1 {
		t.Errorf("told before it is known, or not to this process: %+v", w.healthy)
	}
	w.own.GoOnFrom(wire.Health{Rows: 4})
	w.all.Tell(tables.Trouble{Reason: tables.BatchOverdue, Text: "of the table"})
	got, err := wire.ParseHealth(header())
	if err != nil || got.Rows != 5 || len(got.Troubles) != 1 || got.Troubles[0].Reason != tables.BatchOverdue {
		t.Errorf("%+v, %v", got, err)
	}
	w.own.SetReached()
	w.next = 1 // something is under way: that is no moment to take the best
	if got, err = wire.ParseHealth(header()); err != nil || got.BestRows != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	w.low = 1
	if got, err = wire.ParseHealth(header()); err != nil || got.BestRows != 5 {
		t.Errorf("%+v, %v", got, err)
	}
}
