package processors

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/hooks/hookstest"
	"github.com/tidemark/tidemark/processors/events"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// withTranscript returns an option that has a transcript made of what happens to a processor's partitions. How
// the group comes together, and what is asked of brokers again, depends on when they answer and is left out.
func withTranscript(s *hookstest.Transcript) func(*Options) {
	return func(o *Options) {
		o.Events = events.Each(s.Add)
		o.Events.GroupJoined, o.Events.GroupLeft = nil, nil
		o.Events.SessionRestarts, o.Events.TableWaits, o.Events.OffsetsNotCommitted = nil, nil, nil
		o.Events.MembershipLost, o.Events.StartNotKnown = nil, nil
		o.Events.TopicNotSeen, o.Events.SourceError = nil, nil
		o.Events.LatenessNotKnown, o.Events.ProgressNotWritten = nil, nil
	}
}

// TestTranscriptOfAProcessor has the life of a processor as the events that it reports: it begins, meets a record
// that it cannot use and a truncate, writes a batch, and is restarted over a damaged state.
func TestTranscriptOfAProcessor(t *testing.T) {
	w, dir := newWorld(t, 1), t.TempDir()
	s := new(hookstest.Transcript)
	s.Replace(regexp.QuoteMeta(dir), "DIR")
	s.Replace(`generation=\d+`, "generation=N") // of the group
	s.Replace(`[0-9a-f]{16,}`, "ID")
	s.Replace(`MANIFEST-\d+`, "MANIFEST-N")

	s.Step("a table begins")
	i := w.start(dir, withTranscript(s))
	w.produce(upsert(1, "a"), upsert(2, "b"))
	w.caughtUp(i)

	s.Step("a record that cannot be used")
	w.produce(&kgo.Record{Key: keyJSON(3), Value: []byte("no event")})
	s.Await(t, "dead letter")

	s.Step("a truncate")
	w.produceRaw(&kgo.Record{Topic: sourceTopic, Value: rowJSON("t", 0, "", 5)})
	w.produce(upsert(4, "later"))
	w.caughtUp(i)
	same(t, "rows", map[int64]string{4: "later"}, w.changelog())

	s.Step("a batch")
	w.batch()
	s.Await(t, "batch")
	i.stop()

	s.Step("a restart")
	i = w.start(dir, withTranscript(s))
	w.caughtUp(i)
	i.stop()

	s.Step("a restart over a damaged state")
	damageState(t, dir)
	i = w.start(dir, withTranscript(s))
	w.caughtUp(i)
	i.stop()

	s.Compare(t, filepath.Join("testdata", "transcript.txt"), *update)
}

// damageState makes LevelDB's manifests of the state unreadable.
func damageState(t *testing.T, dir string) {
	t.Helper()
	damaged := 0
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if match, _ := filepath.Match("MANIFEST-*", filepath.Base(path)); err != nil || !match {
			return err
		}
		damaged++
		return os.WriteFile(path, []byte("junk"), 0o600)
	})
	if err != nil || damaged == 0 {
		t.Fatal(damaged, err)
	}
}
