package views_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/views/progress"
)

func (w *world) deleteTopics(names ...string) {
	w.t.Helper()
	resp, err := kadm.NewClient(w.client).DeleteTopics(w.t.Context(), names...)
	if err == nil {
		err = resp.Error()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.client = w.newClient() // the old one remembers the topics
}

func (w *world) makeTopic(name string, partitions int32) {
	w.t.Helper()
	resp, err := kadm.NewClient(w.client).CreateTopic(w.t.Context(), partitions, 1, nil, name)
	if err == nil {
		err = resp.Err
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// notes waits until the view is refused or not ready and its note has a text.
func (r *running) notes(text string) {
	r.t.Helper()
	deadline := time.Now().Add(patience - patience/10)
	await(r.t, "a note with "+text, func() bool {
		s := r.Status()
		if time.Now().After(deadline) {
			r.t.Fatalf("status %+v, want refused or not ready, with a note that has %q", s, text)
		}
		return (!s.Ready || s.Refused) && strings.Contains(s.Note, text)
	})
}

func TestMissingSourceIsToldAndWaitedFor(t *testing.T) {
	w := newWorld(t, 2)
	w.deleteTopics(sourceName)
	v := w.view(t.TempDir())
	v.notes("the source topic does not exist")
	w.makeTopic(sourceName, 2)
	v.ready()
	w.event(0, 1, "new", 1)
	v.is(w)
}

func TestRecreatedSourceIsRefused(t *testing.T) {
	w := newWorld(t, 1)
	v := w.view(t.TempDir()).ready()
	w.event(0, 1, "new", 1)
	v.is(w)
	w.deleteTopics(sourceName)
	w.makeTopic(sourceName, 1)
	v.notes("was deleted and made again")
	if s := v.Freshness().State; s == progress.Fresh || s == progress.Idle {
		t.Errorf("%s to a source that is another one", s)
	}
	if !v.Ready() || v.Snapshot().Rows() != 1 {
		t.Error("reads do not go on with the rows that are there")
	}
	v.stop()
	v = w.view(v.dir)
	v.notes("was deleted and made again")
	if v.Ready() {
		t.Error("rows of another source are served after a start")
	}
}

func TestSourceWithMorePartitionsIsRefused(t *testing.T) {
	w := newWorld(t, 2)
	v := w.view(t.TempDir()).ready()
	w.event(0, 1, "new", 1)
	v.is(w)
	resp, err := kadm.NewClient(w.client).CreatePartitions(t.Context(), 1, sourceName)
	if err == nil {
		err = resp.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
	v.notes("3 partitions")
	v.stop()
	v = w.view(v.dir)
	v.notes("3")
}

// TestRecreatedChangelogIsReadAnew starts the table's topics over, as an operator
// does to rebuild a table: nothing of the old state stays, neither while the view
// runs nor when it comes later.
func TestRecreatedChangelogIsReadAnew(t *testing.T) {
	for name, running := range map[string]bool{"while it runs": true, "while it is away": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 2)
			v := w.view(t.TempDir()).ready()
			w.event(0, 2, "old", 1)
			w.event(1, 1, "old", 1)
			v.sealed(w.takeBatch())
			v.is(w)
			if !running {
				v.stop()
			}
			w.startOver()
			w.event(0, 4, "new", 2)
			if !running {
				v = w.view(v.dir)
			}
			await(t, "the new rows", func() bool { return v.Ready() && v.Snapshot().Rows() == 1 })
			v.is(w)
			id := w.takeBatch()
			if id != 1 {
				t.Fatalf("batch %d, want ids to begin again", id)
			}
			b, _ := v.sealed(id)
			if b.Rows != 1 {
				t.Errorf("batch %+v, want the new one of 1 row", b)
			}
		})
	}
}

// TestChangelogAloneIsMadeAgain leaves manifests and progress of the old changelog
// behind: their offsets mean nothing in the new one.
func TestChangelogAloneIsMadeAgain(t *testing.T) {
	w := newWorld(t, 1)
	v := w.view(t.TempDir()).ready()
	for id := range int64(10) {
		w.event(0, id, "old", 1)
	}
	v.sealed(w.takeBatch())
	w.tellProgress(0)
	v.is(w)
	w.deleteTopics(w.names.Table)
	if _, err := kafka.Ensure(t.Context(), w.settings, w.table); err != nil {
		t.Fatal(err)
	}
	p := w.parts[0]
	p.changelog, p.rows = 0, map[int64]row{}
	for id := range int64(5) { // the source is read again from its start
		w.fold(0, id, row{status: "again", total: 1, offset: id})
	}
	await(t, "the new rows", func() bool { return v.Snapshot().Rows() == 5 && v.Snapshot().Batch() == 0 })
	for id := int64(5); id < 14; id++ { // past the old batch's cut
		offset := id
		if id >= 10 {
			offset = w.sourceEvent(0)
		}
		w.fold(0, id, row{status: "again", total: 1, offset: offset})
		if got := v.Snapshot().Position().At(0); got > offset+1 {
			t.Errorf("position %d after source offset %d: taken from the old changelog's progress", got, offset)
		}
	}
	v.ready().is(w)
	v.sealed(w.takeBatch())
	v.is(w)
	if got := v.Status().Origin; got != "changelog" {
		t.Errorf("origin %q, want the changelog", got)
	}
}

func TestDirectoryThatCannotBeWritten(t *testing.T) {
	w := newWorld(t, 1)
	w.event(0, 1, "new", 1)
	dir := t.TempDir()
	blocked := filepath.Join(dir, "orders")
	if err := os.WriteFile(blocked, []byte("a file where a directory must be"), 0o600); err != nil {
		t.Fatal(err)
	}
	v := w.view(dir)
	v.notes("not a directory")
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	v.ready().is(w)
}
