package processors

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/fold"
)

// refuseChangelog holds what is written to the changelog, and has the broker refuse it when
// it is let go, until it is told to take it again.
func (w *world) refuseChangelog() (letGo, takeAgain func()) {
	w.t.Helper()
	changelog, err := kafka.Describe(w.t.Context(), w.client, w.names.Table)
	if err != nil {
		w.t.Fatal(err)
	}
	release := make(chan struct{})
	var over atomic.Bool
	c := w.broker.Faults()
	c.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		if over.Load() {
			return nil, nil, false
		}
		c.KeepControl()
		req := r.(*kmsg.ProduceRequest)
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		mine := false
		for _, t := range req.Topics {
			out := kmsg.NewProduceResponseTopic()
			out.Topic, out.TopicID = t.Topic, t.TopicID
			mine = mine || t.Topic == changelog.Name || t.TopicID == changelog.ID
			for _, p := range t.Partitions {
				part := kmsg.NewProduceResponseTopicPartition()
				part.Partition, part.ErrorCode = p.Partition, kerr.PolicyViolation.Code
				out.Partitions = append(out.Partitions, part)
			}
			resp.Topics = append(resp.Topics, out)
		}
		if !mine {
			return nil, nil, false
		}
		c.SleepControl(func() { <-release })
		return resp, nil, true
	})
	return func() { close(release) }, func() { over.Store(true) }
}

// TestWhatIsWrittenAgainSaysThatItIsNotWhole has a processor's state get ahead of the
// changelog, which the broker refuses: of a key that changed twice only the last change is
// written after that, so that in between the changelog has the rows of no offset.
func TestWhatIsWrittenAgainSaysThatItIsNotWhole(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a")) // 0
	i := w.start(t.TempDir())
	w.caughtUp(i)
	letGo, takeAgain := w.refuseChangelog()
	w.produce(upsert(1, "b"), upsert(2, "x"), upsert(1, "c"), upsert(3, "y")) // 1 to 4
	until(t, "the state to get ahead", func() bool { return counter(t, i.metrics.folding.Verdicts[fold.Applied]) == 5 })
	letGo()
	until(t, "the run to fail", func() bool { return counter(t, i.metrics.failures) > 0 })
	takeAgain()
	w.caughtUp(i)
	w.produce(upsert(4, "z")) // 5
	w.caughtUp(i)

	var got []string
	for _, r := range w.read(w.names.Table) {
		got = append(got, describeWhole(t, w, r))
	}
	want := "1:0 2:2 whole from 5, 1:3 whole from 5, 3:4 whole from 5, 4:5"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("the changelog has\n%s, want\n%s", s, want)
	}
	for _, r := range w.read(w.names.Progress) {
		p, err := wire.ParseProgress(r.Value)
		if err != nil {
			t.Fatal(err)
		}
		if p.Source > 1 && p.Source < 5 {
			t.Errorf("progress tells of offset %d, at which the changelog is not whole", p.Source)
		}
	}
}

// describeWhole returns a changelog record's key, source offset and where it says the rows are whole.
func describeWhole(t *testing.T, w *world, r *kgo.Record) string {
	t.Helper()
	var out, whole string
	for _, h := range r.Headers {
		switch h.Key {
		case wire.StampName:
			stamp, err := wire.ParseStamp(h.Value)
			if err != nil {
				t.Fatal(err)
			}
			out = fmt.Sprintf("%d:%d", w.idOf(r.Key), stamp.Offset)
		case wire.WholeName:
			from, err := wire.ParseWhole(h.Value)
			if err != nil {
				t.Fatal(err)
			}
			whole = fmt.Sprintf(" whole from %d,", from)
		}
	}
	return out + whole
}
