package processors

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The local state may have lost the rows of a truncate whose tombstones never reached
// the changelog: whoever begins again finds no rows, and must write them all the same.
func TestAnInterruptedTruncateEmptiesTheChangelogAllTheSame(t *testing.T) {
	for name, there := range map[string]int32{"in its own partition": 0, "in another partition": 1} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 2)
			var recs []*kgo.Record
			for n, id := range w.idsIn(0, 20) {
				recs = append(recs, &kgo.Record{Key: keyJSON(id), Value: rowJSON("c", id, "before", 10+n)})
			}
			w.produce(recs...)
			dir := t.TempDir()
			var log syncedLog
			i := w.start(dir, func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
			w.caughtUp(i)
			// The broker holds the tombstones until the state has lost all rows: a run ends with
			// the first refusal, and leaves the rows that it has not come to.
			letGo, takeAgain := w.refuseChangelog()
			w.produceRaw(&kgo.Record{Topic: sourceTopic, Partition: there, Value: truncateAt(50)})
			until(t, "the rows removed", func() bool { return log.has("rows removed by a truncate") })
			letGo()
			until(t, "the tombstones refused", func() bool { return partition(i, 0).Err != nil })
			i.stop() // what it has removed is on disk
			same(t, "state", map[int64]string{}, w.states([]*child{{dir: dir}}))
			takeAgain()
			i = w.start(dir)
			w.caughtUp(i)
			until(t, "an empty changelog", func() bool { return len(w.changelog()) == 0 })
			id := w.idsIn(0, 1)[0]
			w.produce(&kgo.Record{Key: keyJSON(id), Value: rowJSON("c", id, "again", 70)})
			w.caughtUp(i)
			want := map[int64]string{int64(id): "again"}
			same(t, "changelog", want, w.changelog())
			_, ms := w.batch()
			same(t, "batch", want, w.snapshot(ms))
		})
	}
}

// syncedLog is a log that a test reads while it is written.
type syncedLog struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (l *syncedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(p)
}

func (l *syncedLog) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Contains(l.lines.Bytes(), []byte(text))
}
