package views_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/progress"
)

// sealed waits until a view holds a batch and has its file.
func (r *running) sealed(id uint64) (views.Batch, string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	if _, err := r.WaitBatch(ctx, id); err != nil {
		r.t.Fatalf("wait for batch %d: %v; status %+v", id, err, r.Status())
	}
	path, err := r.BatchFile(ctx, id)
	if err != nil {
		r.t.Fatalf("file of batch %d: %v", id, err)
	}
	for _, b := range r.Batches() {
		if b.ID == id {
			return b, path
		}
	}
	r.t.Fatalf("batch %d is not in the list", id)
	return views.Batch{}, ""
}

func TestBatchIsSealedListedAndWritten(t *testing.T) {
	w := newWorld(t, 2)
	v := w.view(t.TempDir()).ready()
	w.event(0, 2, "new", 10)
	w.event(1, 3, "new", 20)
	w.event(0, 4, "gone", 30)
	w.event(0, 4, "", 0)
	cut, want := w.position(), w.want()
	id := w.takeBatch()
	w.event(0, 2, "paid", 11) // after the cut
	b, path := v.sealed(id)
	v.is(w)
	if b.Rows != 2 || b.Changed != 3 || !b.Cut.Reaches(cut) || !cut.Reaches(b.Cut) || b.Took <= 0 || b.Took > time.Minute {
		t.Errorf("batch %+v, want 2 rows, 3 changed, cut %s", b, cut)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() != b.Bytes {
		t.Errorf("file %v, %v; the list says %d bytes", info, err, b.Bytes)
	}
	old, err := v.AsOf(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, rowsOf(t, old)); diff != "" {
		t.Errorf("rows of the batch (-want +got):\n%s", diff)
	}
	if got := v.Snapshot().Batch(); got != id {
		t.Errorf("the newest snapshot stands on batch %d, want %d", got, id)
	}
}

func TestBatchesAreKeptByPolicyAndReadAsOf(t *testing.T) {
	w := newWorld(t, 1) // keeps the last 2
	v := w.view(t.TempDir()).ready()
	var wants []map[int64]string
	for i := range int64(4) {
		w.event(0, i, "new", i)
		wants = append(wants, w.want())
		v.sealed(w.takeBatch())
	}
	await(t, "older files to go", func() bool { return len(v.Batches()) == 2 })
	for id := uint64(1); id <= 4; id++ {
		got, err := v.AsOf(t.Context(), id)
		if id <= 2 {
			if !errors.Is(err, views.ErrNoBatch) {
				t.Errorf("as of batch %d: %v, want ErrNoBatch", id, err)
			}
			if _, err := v.BatchFile(t.Context(), id); !errors.Is(err, views.ErrNoBatch) {
				t.Errorf("file of batch %d: %v, want ErrNoBatch", id, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wants[id-1], rowsOf(t, got)); diff != "" {
			t.Errorf("as of batch %d (-want +got):\n%s", id, diff)
		}
	}
}

func TestUnknownBatch(t *testing.T) {
	w := newWorld(t, 1)
	v := w.view(t.TempDir()).ready()
	if _, err := v.AsOf(t.Context(), 7); !errors.Is(err, views.ErrNoBatch) {
		t.Errorf("as of a batch that was never taken: %v", err)
	}
	if _, err := v.BatchFile(t.Context(), 7); !errors.Is(err, views.ErrNoBatch) {
		t.Errorf("file of a batch that was never taken: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := v.WaitBatch(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wait for a batch that does not come: %v", err)
	}
}

// TestTwoViewsBuildTheSameBatches runs random changes and batches through two
// views, one of which is stopped and started again, and compares their files.
func TestTwoViewsBuildTheSameBatches(t *testing.T) {
	w, d := newWorld(t, 3), dice(t)
	one := w.view(t.TempDir()).ready()
	two := w.view(t.TempDir()).ready()
	for round := range 5 {
		w.random(d, 60)
		if round%2 == 1 {
			two.stop()
		}
		id := w.takeBatch()
		w.random(d, 20)
		if round%2 == 1 {
			two = w.view(two.dir).ready()
		}
		b1, f1 := one.sealed(id)
		b2, f2 := two.sealed(id)
		if diff := cmp.Diff(b1, b2); diff != "" {
			t.Errorf("batch %d differs (-one +two):\n%s", id, diff)
		}
		bytes1, err1 := os.ReadFile(f1)
		bytes2, err2 := os.ReadFile(f2)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if string(bytes1) != string(bytes2) {
			t.Errorf("the files of batch %d differ", id)
		}
		one.is(w)
		two.is(w)
	}
	for _, v := range []*running{one, two} {
		if n := v.metric("tidemark_view_rebuilds_total"); n != 0 {
			t.Errorf("rows were built again %v times", n)
		}
	}
}

// lose makes the state of a partition's processor one that has lost rows, and writes a
// batch of it: manifest and snapshot topic agree with each other, and not with the changelog.
func (w *world) lose(p int32, ids ...int64) (restore func()) {
	w.t.Helper()
	lost := map[int64]row{}
	for _, id := range ids {
		lost[id] = w.parts[p].rows[id]
		delete(w.parts[p].rows, id)
		w.parts[p].dirty[id] = true
	}
	return func() {
		for id, r := range lost {
			w.parts[p].rows[id], w.parts[p].dirty[id] = r, true
		}
	}
}

// TestRowsOfTheChangelogAreNotGivenUpForABatch has a processor whose state has lost rows.
func TestRowsOfTheChangelogAreNotGivenUpForABatch(t *testing.T) {
	w := newWorld(t, 2)
	told := make(chan uint64, 10)
	dispute := func(o *views.Options) { o.Disputed = func(id uint64) { told <- id } }
	v := w.view(t.TempDir(), dispute).ready()
	for id := range int64(20) {
		w.event(int32(id%2), id, "new", id)
	}
	v.sealed(w.takeBatch())
	restarted := w.view(t.TempDir(), dispute).ready() // its rows are of the batch
	if got := restarted.Status().Origin; got != "snapshot topic" {
		t.Fatalf("origin %q", got)
	}
	feed, snap, err := v.Follow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.event(0, 2, "paid", 11)
	restore := w.lose(0, 4, 6, 8)
	wrong := w.takeBatch()
	restore()
	for _, v := range []*running{v, restarted} {
		await(t, "the batch to be left out", func() bool { return v.Status().Disputed == wrong })
		v.is(w)
		if s := v.Status(); !s.Ready || !strings.Contains(s.Note, "differs from the changelog") {
			t.Errorf("status %+v", s)
		}
		if n := v.metric("tidemark_store_checksum_mismatches_total"); n == 0 {
			t.Error("the metric says that no batch differed")
		}
		if id := <-told; id != wrong {
			t.Errorf("told of batch %d, want %d", id, wrong)
		}
		if _, err := v.AsOf(t.Context(), wrong); !errors.Is(err, views.ErrNoBatch) {
			t.Errorf("as of the batch that is wrong: %v", err)
		}
	}
	if n := v.metric("tidemark_view_rebuilds_total"); n != 0 {
		t.Errorf("rows of the changelog were built again %v times", n)
	}
	await(t, "the rebuilt rows to be seen", func() bool { return restarted.Status().Origin == "changelog" })
	if n := restarted.metric("tidemark_view_rebuilds_total"); n != 1 {
		t.Errorf("rows of a batch were built again %v times, want once", n)
	}
	if _, err := feed.Resume(v.Position(snap), nil); errors.Is(err, changes.ErrGone) {
		t.Errorf("who follows rows that stayed must begin again: %v", err)
	}
	w.event(0, 6, "back", 2)
	for _, v := range []*running{v, restarted} {
		v.is(w)
	}
	right := w.takeBatch() // of a state that was filled again
	for _, v := range []*running{v, restarted} {
		v.sealed(right)
		v.is(w)
		if s := v.Status(); s.Disputed != 0 || s.Note != "" {
			t.Errorf("status %+v after a batch that is right", s)
		}
	}
}

// TestRowsOfAWrongBatchAreReadAgainFromTheChangelog has a view that begins with a batch of a
// state that had lost rows: nothing says so before the next one.
func TestRowsOfAWrongBatchAreReadAgainFromTheChangelog(t *testing.T) {
	w := newWorld(t, 2)
	for id := range int64(20) {
		w.event(int32(id%2), id, "new", id)
	}
	restore := w.lose(0, 4, 6, 8)
	w.takeBatch()
	v := w.view(t.TempDir()).ready()
	restore()
	right := w.takeBatch()
	v.sealed(right)
	v.is(w)
	if n := v.metric("tidemark_view_rebuilds_total"); n != 1 || v.Status().Origin != "changelog" {
		t.Errorf("built again %v times, from the %s", n, v.Status().Origin)
	}
	if n := v.metric("tidemark_store_rows"); n != 20 {
		t.Errorf("the store's metric says %v rows, want 20", n)
	}
	doc, found, err := v.Document(key(6))
	if !found || err != nil {
		t.Errorf("document of a row that was lost: %s, %v, %v", doc, found, err)
	}
}

// TestManifestThatLiesIsLeftOut has manifests that neither the changelog nor the snapshot
// topic agree with.
func TestManifestThatLiesIsLeftOut(t *testing.T) {
	w := newWorld(t, 1)
	v := w.view(t.TempDir()).ready()
	w.event(0, 2, "new", 10)
	w.batch++
	m := w.emit(0)
	m.Checksum++
	w.produce(&kgo.Record{Topic: w.names.Batches, Key: wire.AppendManifestKey(nil, 1, 0), Value: wire.AppendManifest(nil, m)})
	await(t, "the batch to be left out", func() bool { return v.Status().Disputed == 1 })
	w.event(0, 3, "new", 11)
	v.is(w)
	v.sealed(w.takeBatch()) // the next one is right
	v.is(w)
	if _, err := v.BatchFile(t.Context(), w.batch); err != nil {
		t.Fatal(err)
	}
	v.stop()
	v = w.view(v.dir).ready()
	v.is(w)
	if got := v.Status().Origin; got != "batch file" {
		t.Errorf("a restart began with the %s, want the batch file", got)
	}
}

// TestUnreadableSnapshotRecordFallsBackToTheChangelog has a snapshot topic with a
// record that nobody can read.
func TestUnreadableSnapshotRecordFallsBackToTheChangelog(t *testing.T) {
	w := newWorld(t, 1)
	w.event(0, 2, "new", 10)
	w.parts[0].snapshot = w.produce(&kgo.Record{Topic: w.names.Snapshot, Key: []byte(key(9)), Value: []byte{9, 9}})[0] + 1
	w.takeBatch()
	v := w.view(t.TempDir()).ready()
	v.is(w)
	if got := v.Status().Origin; got != "changelog" {
		t.Errorf("origin %q, want the changelog", got)
	}
	w.event(0, 3, "new", 11)
	v.sealed(w.takeBatch())
	v.is(w)
}

// TestPassedCutIsLoadedFromTheSnapshotTopic has the manifest of a batch come so
// late that the store has merged what was after its cut. Readers keep up meanwhile.
func TestPassedCutIsLoadedFromTheSnapshotTopic(t *testing.T) {
	w, d := newWorld(t, 1), dice(t)
	v := w.view(t.TempDir(), func(o *views.Options) { o.CompactAfter = 20 }).ready()
	w.random(d, 50)
	w.batch++
	late, want := w.emit(0), w.want()
	w.random(d, 300)
	v.is(w)
	w.produce(&kgo.Record{
		Topic: w.names.Batches, Key: wire.AppendManifestKey(nil, late.Batch, 0), Value: wire.AppendManifest(nil, late), Headers: w.changelogID(),
	})
	for range 20 {
		w.random(d, 5)
		v.is(w)
	}
	v.sealed(late.Batch)
	old, err := v.AsOf(t.Context(), late.Batch)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, rowsOf(t, old)); diff != "" {
		t.Errorf("rows of the batch (-want +got):\n%s", diff)
	}
	v.is(w)
	if n := v.metric("tidemark_view_rebuilds_total"); n != 1 {
		t.Errorf("rows were built again %v times, want once", n)
	}
	if n := v.metric("tidemark_view_attempts_total"); n != 1 {
		t.Errorf("the view began %v times, want once", n)
	}
}

// TestPassedCutOfAWrongBatchIsLeftOut is the same of a state that had lost a row: the
// snapshot topic agrees with the manifest, and the rows that readers see stay.
func TestPassedCutOfAWrongBatchIsLeftOut(t *testing.T) {
	w, d := newWorld(t, 1), dice(t)
	v := w.view(t.TempDir(), func(o *views.Options) { o.CompactAfter = 20 }).ready()
	w.event(0, 1000, "stays", 1)
	w.random(d, 50)
	w.batch++
	restore := w.lose(0, 1000)
	late := w.emit(0)
	restore()
	w.random(d, 300)
	v.is(w)
	w.produce(&kgo.Record{
		Topic: w.names.Batches, Key: wire.AppendManifestKey(nil, late.Batch, 0), Value: wire.AppendManifest(nil, late), Headers: w.changelogID(),
	})
	await(t, "the batch to be left out", func() bool { return v.Status().Disputed == late.Batch })
	for range 10 {
		w.random(d, 5)
		v.is(w)
	}
	v.sealed(w.takeBatch())
	v.is(w)
}

// TestAnOlderSnapshotIsNotFresh asks for the freshness of what a batch or a cursor reads,
// while the newest rows are fresh.
func TestAnOlderSnapshotIsNotFresh(t *testing.T) {
	w := newWorld(t, 1)
	v := w.view(t.TempDir()).ready()
	w.event(0, 1, "new", 1)
	v.is(w)
	old := v.Snapshot()
	w.event(0, 1, "paid", 2)
	v.is(w)
	await(t, "the older rows to lag", func() bool { return v.FreshnessOf(old).State == progress.Lagging })
	await(t, "the newest ones to be fresh", func() bool { return v.Freshness().State == progress.Fresh })
	if of, newest := v.FreshnessOf(old).Age, v.Freshness().Age; of <= newest {
		t.Errorf("the older rows are %s old, the newest %s", of, newest)
	}
}
