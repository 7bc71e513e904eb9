package views_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/store"
)

// running is a view that runs.
type running struct {
	*views.View
	t        testing.TB
	dir      string
	registry *prometheus.Registry
	stop     func()
	err      error
}

// view starts a view over a data directory; it is stopped with the test at the latest.
func (w *world) view(dir string, change ...func(*views.Options)) *running {
	w.t.Helper()
	r := &running{t: w.t, dir: dir, registry: prometheus.NewRegistry()}
	o := views.Options{
		Table: w.table, Kafka: w.settings, Dir: dir, Registerer: r.registry,
		PollEvery: 50 * time.Millisecond, WatchEvery: 100 * time.Millisecond,
	}
	if os.Getenv("TIDEMARK_TEST_LOG") != "" {
		o.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	for _, c := range change {
		c(&o)
	}
	v, err := views.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	r.View = v
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.err = v.Run(ctx)
	}()
	var once sync.Once
	r.stop = func() {
		once.Do(func() {
			cancel()
			<-done
			if r.err != nil {
				w.t.Errorf("Run: %v", r.err)
			}
		})
	}
	w.t.Cleanup(r.stop)
	return r
}

func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("waited %s for %s", patience, what)
		case <-tick.C:
		}
	}
}

func (r *running) ready() *running {
	r.t.Helper()
	deadline := time.Now().Add(patience)
	await(r.t, "the view to be ready", func() bool {
		if time.Now().After(deadline.Add(-patience / 10)) {
			r.t.Logf("status: %+v", r.Status())
		}
		return r.Ready()
	})
	return r
}

// rows reads all rows of a snapshot.
func rowsOf(t testing.TB, s *store.Snapshot) map[int64]string {
	t.Helper()
	out := map[int64]string{}
	for id := range int64(2000) {
		values, ok := s.Lookup(key(id), nil)
		if ok {
			out[id] = fmt.Sprint(values[1].Str(), " ", values[2].Int())
		}
	}
	if int64(len(out)) != s.Rows() {
		t.Errorf("the snapshot says %d rows, %d were found", s.Rows(), len(out))
	}
	return out
}

// is waits until the view has come to the world's position and compares the rows.
func (r *running) is(w *world) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	if err := r.WaitPosition(ctx, w.position()); err != nil {
		r.t.Fatalf("wait for %s: %v; the view is at %s, status %+v", w.position(), err, r.Snapshot().Position(), r.Status())
	}
	if diff := cmp.Diff(w.want(), rowsOf(r.t, r.Snapshot())); diff != "" {
		r.t.Errorf("rows differ (-want +got):\n%s", diff)
	}
}

// shows waits until a view has all there is, and compares its rows.
func (w *world) shows(v *running, what string, want map[int64]string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	if err := v.WaitPosition(ctx, w.position()); err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
	if diff := cmp.Diff(want, rowsOf(w.t, v.Snapshot())); diff != "" {
		w.t.Fatalf("%s: rows differ (-want +got):\n%s", what, diff)
	}
}

// metric returns the sum of a metric over its labels.
func (r *running) metric(name string) float64 {
	r.t.Helper()
	families, err := r.registry.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	var sum float64
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return sum
}

func dice(t testing.TB) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}
