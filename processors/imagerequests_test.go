package processors

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/keychange"
	"github.com/tidemark/tidemark/tables"
)

// asks writes questions of partition 1 for before-images whose deletions never come.
func (w *world) asks(n int) {
	w.t.Helper()
	recs := make([]*kgo.Record, n)
	for at := range recs {
		recs[at] = w.control(0, wire.Control{
			Kind: wire.BeforeImageWanted, Started: time.Now().UnixMicro(), Partition: 1, Offset: int64(1_000_000 + at), Time: 1,
			OldKey: tables.Key(fmt.Sprint("old", at)), NewKey: tables.Key(fmt.Sprint("new", at)),
		})
	}
	w.produceRaw(recs...)
}

// countEnds counts how often the source's end is asked for.
func (w *world) countEnds() *atomic.Int64 {
	n, c := new(atomic.Int64), w.broker.Faults()
	c.ControlKey(int16(kmsg.ListOffsets), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if q, ok := req.(*kmsg.ListOffsetsRequest); ok {
			for _, t := range q.Topics {
				if t.Topic == sourceTopic {
					n.Add(1)
				}
			}
		}
		return nil, nil, false
	})
	return n
}

// However many questions were declined, each is answered when its deletion comes after all,
// and together they cost a few requests and no run.
func TestAnInsertIsFilledLateAmongManyQuestions(t *testing.T) {
	t.Parallel() // it mostly waits
	for _, again := range []bool{false, true} {
		t.Run(fmt.Sprint("begun again ", again), func(t *testing.T) {
			w := newWorld(t, 2)
			old, new := w.idsIn(0, 1)[0], w.idsIn(1, 1)[0]
			w.produce(full(old, "a", "large", 5))
			dir := t.TempDir()
			i := w.start(dir)
			w.caughtUp(i)
			asked := w.countEnds()
			const many = keychange.MaxOpen + 2000
			w.asks(many)
			w.produce(arrives(old, new, "moved", 7))
			until(t, "all questions answered", func() bool {
				return counter(t, i.metrics.keyChanges.Answers.WithLabelValues(keychange.Declined)) == many+1
			})
			if n := counter(t, i.metrics.keyChanges.Answers.WithLabelValues(keychange.Crowded)); n > many-keychange.MaxOpen+1 { // how many were open at once depends on the machine
				t.Errorf("%v of %d questions were declined early", n, many)
			}
			if n := asked.Load(); n > 100 {
				t.Errorf("the end of the source was asked for %d times", n)
			}
			if again {
				i.stop()
				i = w.start(dir)
			}
			w.caughtUp(i)
			w.produce(leaves(old, new, 7)...)
			until(t, "the value", func() bool { return w.big()[int64(new)] == "large" })
			if n := counter(t, i.metrics.failures); n != 0 {
				t.Errorf("%v runs ended", n)
			}
		})
	}
}

func TestAnEndThatIsNotToldIsAskedForAgain(t *testing.T) {
	w := newWorld(t, 2)
	old, new := w.idsIn(0, 1)[0], w.idsIn(1, 1)[0]
	i := w.start(t.TempDir(), func(o *Options) { o.ImageWait = time.Hour })
	until(t, "both partitions", func() bool { return len(running(i)) == 2 })
	f := w.broker.Faults().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: sourceTopic, Err: kerr.UnknownServerError, Count: 8})
	w.produce(arrives(old, new, "moved", 7))
	until(t, "a refusal", func() bool { return f.Hits() > 0 })
	f.Remove()
	w.caughtUp(i)
	if n := counter(t, i.metrics.failures); n != 0 {
		t.Errorf("%v runs ended", n)
	}
	if got := fmt.Sprint(w.versions(new)); got != "[unavailable]" {
		t.Errorf("the row is %v", got)
	}
}
