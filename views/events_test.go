package views_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/hooks/hookstest"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/events"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// withTranscript returns an option that has a transcript made of what happens to a view. What depends on
// when the brokers answer is left out. Batches are sealed and written beside the rows.
func withTranscript(s *hookstest.Transcript) func(*views.Options) {
	return func(o *views.Options) {
		o.Events = events.Each(s.Add)
		o.Events.ViewRestarts, o.Events.ChangelogRestarts = nil, nil
		o.Events.PartitionSilent, o.Events.EndSkipped = nil, nil
		o.Events.PollFailed, o.Events.StandstillNotKnown = nil, nil
		o.Events.Merged = func(e events.Merged) { s.Beside(e) }
		o.Events.BatchSealed = func(e events.BatchSealed) { s.Beside(e) }
		o.Events.BatchWritten = func(e events.BatchWritten) { s.Beside(e) }
	}
}

// TestTranscriptOfAView has the life of a view as the events that it reports: it begins, takes
// batches, disputes one, is restarted over damaged files, and meets another changelog.
func TestTranscriptOfAView(t *testing.T) {
	w, dir := newWorld(t, 1), t.TempDir()
	s := new(hookstest.Transcript)
	s.Replace(regexp.QuoteMeta(dir), "DIR")
	s.Replace(`[0-9a-f]{16,}`, "ID")
	s.Replace(`bytes=\d+`, "bytes=N") // of Parquet with times in it
	s.Replace(`manifest says \d+`, "manifest says N")

	s.Step("a table begins")
	v := w.view(dir, withTranscript(s)).ready()
	w.event(0, 1, "new", 10)
	w.event(0, 2, "new", 20)
	v.is(w)

	s.Step("a batch is taken")
	v.sealed(w.takeBatch())
	s.Await(t, "batch is written")

	s.Step("a manifest lies")
	w.event(0, 2, "", 0)
	w.batch++
	m := w.emit(0)
	m.Checksum++
	w.produce(&kgo.Record{Topic: w.names.Batches, Key: wire.AppendManifestKey(nil, w.batch, 0), Value: wire.AppendManifest(nil, m)})
	s.Await(t, "batch differs")

	s.Step("the next batch is right")
	v.sealed(w.takeBatch())
	s.Await(t, "batch is written")

	w.event(0, 3, "new", 30)
	v.is(w)
	v.stop()

	s.Step("a restart")
	v = w.view(dir, withTranscript(s)).ready()
	v.is(w)
	v.stop()

	s.Step("a restart with a damaged batch file")
	if err := os.Truncate(filepath.Join(dir, "orders", "view", "batches", "3.parquet"), 100); err != nil {
		t.Fatal(err)
	}
	v = w.view(dir, withTranscript(s)).ready()
	v.is(w)
	s.Await(t, "batch is written")
	v.stop()

	s.Step("a restart with damaged rows")
	damageManifests(t, dir)
	v = w.view(dir, withTranscript(s)).ready()
	v.is(w)
	s.Await(t, "batch is written")
	v.stop()

	s.Step("a restart after the changelog was made again")
	w.startOver()
	w.event(0, 4, "new", 40)
	v = w.view(dir, withTranscript(s)).ready()
	v.is(w)
	v.sealed(w.takeBatch())
	s.Await(t, "batch is written")

	s.Step("records that cannot be read")
	w.produce(
		&kgo.Record{Topic: w.names.Table, Key: []byte(key(1)), Value: []byte{9, 9, 9}},
		&kgo.Record{Topic: w.names.Table, Key: []byte(key(1)), Value: []byte{9, 9, 9}},
	)
	w.event(0, 5, "new", 50)
	v.is(w)
	v.stop()

	s.Compare(t, filepath.Join("testdata", "transcript.txt"), *update)
}

// damageManifests makes LevelDB's manifests of the rows on disk unreadable.
func damageManifests(t *testing.T, dir string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "orders", "view", "rows", "*", "MANIFEST-*"))
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, p := range paths {
		if err := junk(p); err != nil {
			t.Fatal(err)
		}
	}
}

// startOver makes the table's topics again.
func (w *world) startOver() {
	w.t.Helper()
	w.deleteTopics(w.names.Table, w.names.Snapshot, w.names.Batches, w.names.Progress, w.names.Batch)
	if _, err := kafka.Ensure(w.t.Context(), w.settings, w.table); err != nil {
		w.t.Fatal(err)
	}
	w.batch = 0
	for i, p := range w.parts {
		*p = part{rows: map[int64]row{}, dirty: map[int64]bool{}, source: p.source}
		w.tellProgress(int32(i))
	}
}
