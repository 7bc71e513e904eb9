package processors

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/seed"
)

// replaying waits until the progress topic says that partition 0 reads the source again,
// up to an offset behind the given one, and returns that.
func (w *world) replaying(behind int64) (end int64) {
	w.t.Helper()
	until(w.t, "the source is read again", func() bool {
		if !w.exists(w.names.Progress) {
			return false
		}
		all, err := seed.Records(w.t.Context(), w.client, w.names.Progress)
		end = all[0].Until
		return err == nil && all[0].Phase == wire.BootstrapReplaying && end > behind
	})
	return end
}

// failAll makes produces to a topic fail until it is told to stop.
func (w *world) failAll(topic string) *kfake.FaultHandle {
	return w.broker.Faults().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: kerr.PolicyViolation, Count: -1})
}

// TestRowsAreTakenOverAgainUnderLaterStamps has two processes fill a partition in turn. The
// one that comes back has a replay of its own to finish, which ends before that of the other,
// whose rows it takes over again.
func TestRowsAreTakenOverAgainUnderLaterStamps(t *testing.T) {
	w := newWorld(t, 1)
	old := history(w)
	next, dir := w.generation(unchanged), t.TempDir()
	writes := next.failAll(next.names.Table)
	first := next.start(dir, from(w, seed.Adopt))
	end := next.replaying(0)
	first.stop()

	w.produce(upsert(3, "ccc"), upsert(3, "cccc"))
	w.caughtUp(old)
	second := next.start(t.TempDir(), from(w, seed.Adopt))
	next.replaying(end)
	tells := next.failAll(next.names.Progress)
	writes.Remove()
	want := map[int64]string{1: "a", 2: "b", 3: "cccc", 4: "d"}
	until(t, "the rows are taken over", func() bool { return len(next.changelog()) == len(want) })
	second.stop()
	tells.Remove()

	third := next.start(dir, from(w, seed.Adopt))
	counts(t, next.filled(), 4, 0, 2, 0)
	next.caughtUp(third)
	same(t, "changelog", want, next.changelog())
	next.staleRecords()
}

// TestAnEndOfTheFillingThatIsNotToldIsToldLater refuses the record that says that the
// partition is filled.
func TestAnEndOfTheFillingThatIsNotToldIsToldLater(t *testing.T) {
	t.Parallel() // it mostly waits
	w := newWorld(t, 1)
	history(w)
	next := w.generation(unchanged)
	writes := next.failAll(next.names.Table)
	i := next.start(t.TempDir(), from(w, seed.Adopt))
	next.replaying(0)
	tells := next.failAll(next.names.Progress)
	writes.Remove()
	until(t, "the end is refused", func() bool {
		err := partition(i, 0).Err
		return err != nil && strings.Contains(err.Error(), "write the seed record")
	})
	tells.Remove()
	counts(t, next.filled(), 4, 0, 2, 0)
	same(t, "changelog", map[int64]string{1: "a", 2: "b", 3: "cc", 4: "d"}, next.changelog())
}
