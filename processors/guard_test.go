package processors

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/lease"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/tables"
)

// A zombie is a writer that has lost its partition and does not know it yet.
type zombie struct {
	*rowwriter.Writer
	acked chan error
}

func (w *world) zombie(next int64) *zombie {
	w.t.Helper()
	wr, err := lease.Open(w.settings, lease.New(0), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(wr.Close)
	z := &zombie{
		Writer: rowwriter.New(rowwriter.Options{Producer: wr, Topic: w.names.Table, Broken: func(error) {}}),
		acked:  make(chan error, 1),
	}
	z.StartAt(next)
	return z
}

// stateRow is what a processor writes for a row of the table of the tests.
func (w *world) stateRow(id int, v string, offset int64) []byte {
	return wire.AppendStateRow(nil, wire.Fingerprint(w.table), &tables.Row{
		Values: []tables.Value{tables.Int64Value(int64(id)), tables.StringValue(v), tables.StringValue("b")}, Offset: offset,
	})
}

// put writes late: the broker takes the record only when it is let go.
func (z *zombie) put(w *world, id int, value []byte, offset int64) (letGo func()) {
	release := make(chan struct{})
	caught := make(chan struct{})
	var first atomic.Bool
	c := w.broker.Faults()
	c.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		if first.CompareAndSwap(false, true) {
			close(caught)
			c.SleepControl(func() { <-release })
		}
		return nil, nil, false
	})
	z.Append(rowwriter.Record{Key: string(w.canonical(id)), Value: value, Offset: offset}, func(err error) { z.acked <- err })
	<-caught
	return func() { close(release) }
}

func TestALateRecordOfAnotherWriterIsRepaired(t *testing.T) {
	for name, last := range map[string]*kgo.Record{"of a row": upsert(1, "new"), "of a deleted row": remove(1)} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			dir := t.TempDir()
			w.produce(upsert(1, "old"))
			first := w.start(dir)
			w.caughtUp(first)
			first.stop()

			z := w.zombie(1)
			w.produce(upsert(1, "stale"), last)
			letGo := z.put(w, 1, w.stateRow(1, "stale", 1), 1)
			i := w.start(dir)
			w.caughtUp(i)
			want := w.changelog()
			letGo()
			if err := <-z.acked; !errors.Is(err, rowwriter.ErrHole) {
				t.Errorf("the late writer is told %v, want that another writer was there", err)
			}
			if got := w.changelog(); got[1] != "stale" {
				t.Fatalf("the late record is not there: %v", got)
			}

			w.produce(upsert(2, "notices the hole"))
			w.caughtUp(i)
			want[2] = "notices the hole"
			until(t, "the repair", func() bool { return counter(t, i.metrics.folding.Repaired) > 0 })
			until(t, "the newer version behind the stale one", func() bool { return len(w.changelog()) == len(want) && w.changelog()[1] == want[1] })
			same(t, "changelog", want, w.changelog())
			i.stop()
			same(t, "state", want, w.states([]*child{{dir: dir}}))
		})
	}
}

// A successor without local state meets the stale record in the changelog.
func TestALateRecordIsRepairedByASuccessor(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "old"))
	first := w.start(t.TempDir())
	w.caughtUp(first)
	z := w.zombie(1)
	letGo := z.put(w, 1, w.stateRow(1, "stale", 1), 1)
	w.produce(upsert(1, "stale"), upsert(1, "new"))
	w.caughtUp(first)
	first.stop()
	letGo()
	<-z.acked
	second := w.start(t.TempDir())
	until(t, "the repair", func() bool { return w.changelog()[1] == "new" })
	w.caughtUp(second)
	same(t, "changelog", map[int64]string{1: "new"}, w.changelog())
}

func TestReplaysNeverOverwriteWhatIsNewer(t *testing.T) {
	w := newWorld(t, 1)
	dir := t.TempDir()
	w.produce(upsert(1, "a"), upsert(1, "b"), upsert(2, "a"), remove(2), upsert(1, "c"))
	first := w.start(dir)
	w.caughtUp(first)
	first.stop()
	before := len(w.read(w.names.Table))
	// The group forgets: everything is read again.
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: sourceTopic, Partition: 0, At: 0, LeaderEpoch: -1})
	if err := kadm.NewClient(w.client).CommitAllOffsets(t.Context(), w.names.Group, offsets); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"with the state": dir, "with an empty disk": t.TempDir()} {
		i := w.start(dir)
		w.caughtUp(i)
		i.stop()
		same(t, name, map[int64]string{1: "c"}, w.changelog())
	}
	w.staleRecords()
	if len(w.read(w.names.Table)) == before {
		t.Error("nothing was written again: the replay did not happen")
	}
}

func TestALostMemberStopsWritingAndJoinsAgain(t *testing.T) {
	w := newWorld(t, 1)
	i := w.start(t.TempDir())
	w.produce(upsert(1, "a"))
	w.caughtUp(i)
	id := w.broker.Faults().GroupInfo(w.settings.MembersGroup()).Members[0].MemberID
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = w.settings.MembersGroup()
	m := kmsg.NewLeaveGroupRequestMember()
	m.MemberID = id
	req.Members = append(req.Members, m)
	if _, err := req.RequestWith(t.Context(), w.client); err != nil {
		t.Fatal(err)
	}
	until(t, "another member id", func() bool {
		info := w.broker.Faults().GroupInfo(w.settings.MembersGroup())
		return len(info.Members) == 1 && info.Members[0].MemberID != id
	})
	w.produce(upsert(1, "b"))
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{1: "b"}, w.changelog())
}
