package views_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/tidemark/tidemark/kafka"
)

// cutOff removes the records of a topic's partition 0 up to its end: it begins there then.
func (w *world) cutOff(topic string) {
	w.t.Helper()
	ends, err := kafka.EndOffsets(w.t.Context(), w.client, topic)
	if err != nil {
		w.t.Fatal(err)
	}
	to := kadm.Offsets{}
	for p, end := range ends {
		to.AddOffset(topic, int32(p), end, -1)
	}
	done, err := kadm.NewClient(w.client).DeleteRecords(w.t.Context(), to)
	if err == nil {
		err = done.Error()
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestTopicsThatNoLongerBeginAtZero has topics beside the changelog whose records were removed.
func TestTopicsThatNoLongerBeginAtZero(t *testing.T) {
	for _, wiped := range []bool{false, true} {
		w, d := newWorld(t, 1), dice(t)
		for _, topic := range []string{w.names.Progress, w.names.Batches, w.names.Snapshot} {
			w.random(d, 50)
			w.tellProgress(0)
			dir := t.TempDir()
			v := w.view(dir).ready()
			v.sealed(w.takeBatch())
			v.stop()
			w.cutOff(topic)
			if wiped {
				dir = t.TempDir()
			}
			v = w.view(dir).ready()
			v.is(w)
			w.random(d, 20)
			v.is(w)
			v.stop()
			for id := range w.parts[0].rows { // the snapshot topic must get all rows again
				w.parts[0].dirty[id] = true
			}
		}
	}
}

// TestABatchWhoseSnapshotTopicIsGoneIsNone has a snapshot topic that was deleted and made again.
func TestABatchWhoseSnapshotTopicIsGoneIsNone(t *testing.T) {
	w, d := newWorld(t, 2), dice(t)
	w.random(d, 50)
	w.takeBatch()
	if _, err := kadm.NewClient(w.client).DeleteTopics(t.Context(), w.names.Snapshot); err != nil {
		t.Fatal(err)
	}
	v := w.view(t.TempDir()).ready()
	v.is(w)
	if got := v.Status().Origin; got != "changelog" {
		t.Errorf("origin %q, want the changelog", got)
	}
}
