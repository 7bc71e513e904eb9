package views_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/progress"
)

// byStatus is the table with a rollup.
func byStatus() *tables.Table {
	t := orders()
	t.Rollups = []tables.Rollup{{Name: "orders_by_status", GroupBy: []string{"status"}, Measures: []tables.Measure{{Name: "n", Function: "count"}}}}
	return t
}

// readable waits until the view answers reads.
func (r *running) readable() *running {
	r.t.Helper()
	await(r.t, "the view to be readable", r.Readable)
	return r
}

// TestStaleRowsAreReadAndSaidToBeStale starts views that have a batch while nobody reads
// the source: they answer with what they have, say that it lags and how old it is, and
// are ready when they have come to the end.
func TestStaleRowsAreReadAndSaidToBeStale(t *testing.T) {
	for name, wiped := range map[string]bool{"batch file": false, "snapshot topic": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, d := newWorld(t, 2), dice(t)
			w.table = byStatus()
			v := w.view(t.TempDir(), func(o *views.Options) { o.Table = w.table }).ready()
			w.random(d, 60)
			taken := time.Now()
			v.sealed(w.takeBatch())
			w.random(d, 20)
			v.is(w)
			v.stop()
			unread := w.sourceEvent(0) // by any processor, as yet
			dir := v.dir
			if wiped {
				dir = t.TempDir()
			}
			v = w.view(dir, func(o *views.Options) { o.Table = w.table }).readable()
			if s := v.Status(); s.Origin != name || s.Ready || v.Ready() {
				t.Errorf("status %+v, ready %v; want rows of the %s, and not to be ready", s, v.Ready(), name)
			}
			v.is(w) // all that the changelog has; the source has more
			f := v.Freshness()
			if f.State != progress.Lagging || f.Age < time.Since(taken)-time.Millisecond || v.Ready() {
				t.Errorf("freshness %+v, ready %v; want to lag behind since the batch, %s ago", f, v.Ready(), time.Since(taken))
			}
			if _, _, err := v.Follow(t.Context()); err == nil {
				t.Error("a table that comes up to date can be followed")
			}
			w.fold(0, 2, row{status: "late", total: 1, offset: unread})
			v.ready().is(w)
			await(t, "the view to be fresh", func() bool { return v.Freshness().State == progress.Fresh })
		})
	}
}

// TestRowsOfNoBatchAreNotReadBeforeTheyAreWhole has rows on disk that a process left
// which may not have read all of the changelog.
func TestRowsOfNoBatchAreNotReadBeforeTheyAreWhole(t *testing.T) {
	w, d := newWorld(t, 2), dice(t)
	v := w.view(t.TempDir()).ready()
	w.random(d, 60)
	v.is(w)
	v.stop()
	unread := w.sourceEvent(0)
	v = w.view(v.dir)
	v.is(w)
	if v.Readable() {
		t.Error("rows on disk are read before the end of the topics is reached")
	}
	w.fold(0, 2, row{status: "late", total: 1, offset: unread})
	v.ready().is(w)
	if !v.Readable() {
		t.Error("not readable, and ready")
	}
}

// TestStaleRollupsAreWhole reads a rollup while the view comes up to date: it is
// counted whole before it is shown.
func TestStaleRollupsAreWhole(t *testing.T) {
	w, d := newWorld(t, 2), dice(t)
	w.table = byStatus()
	with := func(o *views.Options) { o.Table = w.table }
	v := w.view(t.TempDir(), with).ready()
	w.random(d, 80)
	want := map[string]int64{}
	for _, p := range w.parts {
		for _, r := range p.rows {
			want[r.status]++
		}
	}
	v.sealed(w.takeBatch())
	v.stop()
	w.sourceEvent(0)
	v = w.view(v.dir, with)
	snap := v.Rollup(0)
	await(t, "the rollup to be readable", func() bool {
		ok := v.RollupsReadable()
		snap = v.Rollup(0)
		return ok
	})
	got := map[string]int64{}
	for status := range want {
		if values, found := snap.Lookup(tables.EncodeKey(tables.StringValue(status)), nil); found {
			got[status] = values[1].Int()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || snap.Rows() != int64(len(want)) {
		t.Errorf("%d groups (-want +got):\n%s", snap.Rows(), diff)
	}
	if v.Ready() {
		t.Error("ready although the source has more")
	}
}
