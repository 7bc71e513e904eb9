package views_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// giveUp writes what a processor does when another partition has a later change of a key.
func (w *duplicatesWorld) giveUp(p int32, id int64, later change, other int32) {
	w.t.Helper()
	s, err := wire.ParseStateRow(w.rows[p][id])
	if err != nil {
		w.t.Fatal(err)
	}
	at := int64(later.at) * 1000 / 1_000_000 * 1_000_000
	told := wire.AppendDeletion(nil, &wire.Deletion{
		Read: at, Time: at, Logged: at + 1, SourcePartition: other + 1, GivenUp: true,
		Source: tables.SourcePosition{Kind: tables.SourceMySQL, Epoch: 7, Minor: later.at},
	})
	rec := &kgo.Record{Topic: w.names.Table, Partition: p, Key: []byte(key(id)), Headers: stamp(s.Offset)}
	rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: wire.DeletionName, Value: told})
	w.parts[p].changelog = w.produce(rec)[0] + 1
	w.parts[p].dirty[id] = true
	delete(w.rows[p], id)
	w.told[p][id] = wire.AppendDeletion(nil, &wire.Deletion{GivenUp: true})
}

// withheld keeps a partition of the changelog from being read.
func (w *duplicatesWorld) withheld(p int32) *kfake.FaultHandle {
	return w.broker.Faults().Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Fetch}, Topic: w.names.Table, Partitions: []int32{p}, Err: kerr.UnknownServerError, Count: -1,
	})
}

// compacted removes what a partition of the changelog has, as the cleaner does in time with
// a tombstone and all before it.
func (w *duplicatesWorld) compacted(p int32) {
	w.t.Helper()
	to := kadm.Offsets{}
	to.AddOffset(w.names.Table, p, w.parts[p].changelog, -1)
	done, err := kadm.NewClient(w.client).DeleteRecords(w.t.Context(), to)
	if err == nil {
		err = done.Error()
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// proven waits until a view has sealed a batch, and checks that its manifests proved it.
func (w *duplicatesWorld) proven(v *running, what string) {
	w.t.Helper()
	before, unproven := v.metric("tidemark_view_rebuilds_total"), v.unproven()
	v.sealed(w.takeBatch())
	if n := v.metric("tidemark_view_doubled_keys"); n != 0 {
		w.t.Errorf("%s: %v keys are in several partitions", what, n)
	}
	if n := v.metric("tidemark_view_rebuilds_total"); n != before {
		w.t.Errorf("%s: the rows were built again", what)
	}
	if v.unproven() != unproven {
		w.t.Errorf("%s: the batch is not proven", what)
	}
}

// unproven is how many batches could not be proven.
func (r *running) unproven() (n float64) {
	r.t.Helper()
	found, err := r.registry.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range found {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == "tidemark_view_batches_total" && l.GetValue() == "unproven" {
					n = m.GetCounter().GetValue()
				}
			}
		}
	}
	return n
}

// TestAGivenUpRowIsShownUntilTheLaterChangeIsRead has the giving up read first: readers see
// the row until the later one takes its place, at once, and a follower gets one update.
func TestAGivenUpRowIsShownUntilTheLaterChangeIsRead(t *testing.T) {
	for _, deleted := range []bool{false, true} {
		for _, loser := range []int32{0, 1} {
			t.Run(fmt.Sprint(deleted, loser), func(t *testing.T) {
				t.Parallel()
				w := newDuplicatesWorld(t, 2)
				winner := 1 - loser
				w.write(loser, change{id: 1, status: "old", at: 1000})
				v := w.view(t.TempDir()).ready()
				w.shows(v, "before", map[int64]string{1: "old 1000"})
				feed, snap, err := v.Follow(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				reader := feed.From(snap.Version(), snap.Position(), nil)
				defer reader.Close()
				fault := w.withheld(winner)
				later := change{id: 1, status: "new", at: 2000}
				if deleted {
					later.status = ""
				}
				w.write(winner, later)
				w.giveUp(loser, 1, later, winner)
				w.write(loser, change{id: 2, status: "behind", at: 2100}) // when it is there, the giving up was read
				await(t, "what is behind to be shown", func() bool {
					got := rowsOf(t, v.Snapshot())
					if got[1] != "old 1000" {
						t.Fatalf("readers see %q while the later change was not read", got[1])
					}
					return got[2] != ""
				})
				if n := v.metric("tidemark_view_doubled_keys"); n != 1 {
					t.Errorf("%v keys are in several partitions", n)
				}
				fault.Remove()
				want := map[int64]string{1: "new 2000", 2: "behind 2100"}
				if deleted {
					delete(want, 1)
				}
				w.shows(v, "in the end", want)
				var events []string
				for {
					b, some, err := reader.Take()
					if err != nil {
						t.Fatal(err)
					}
					if !some {
						break
					}
					for _, e := range b.Events {
						if e.Key == key(1) {
							events = append(events, fmt.Sprint(e.Old != nil, e.New != nil))
						}
					}
				}
				if want := fmt.Sprint([]string{fmt.Sprint(true, !deleted)}); fmt.Sprint(events) != want {
					t.Errorf("who follows is told %v (old, new), want %v", events, want)
				}
				w.proven(v, "in the end")
				w.shows(w.view(t.TempDir()).ready(), "from the snapshot topic", want)
			})
		}
	}
}

// TestARowStaysGoneWhenTheTombstoneOfItsDeletionIs begins views, with and without files, when
// the changelog has lost the later change, which was a deletion.
func TestARowStaysGoneWhenTheTombstoneOfItsDeletionIs(t *testing.T) {
	w := newDuplicatesWorld(t, 2)
	w.write(1, change{id: 1, status: "deleted elsewhere", at: 1000})
	w.write(1, change{id: 2, status: "there", at: 1100})
	behind := t.TempDir()
	v := w.view(behind).ready()
	w.shows(v, "before", map[int64]string{1: "deleted elsewhere 1000", 2: "there 1100"})
	fault := w.withheld(0)
	later := change{id: 1, at: 2000}
	w.write(0, later)
	w.giveUp(1, 1, later, 0)
	w.write(1, change{id: 2, status: "seen", at: 2100})
	await(t, "the giving up to be read", func() bool { return rowsOf(t, v.Snapshot())[2] == "seen 2100" })
	v.stop() // it has not read the deletion
	fault.Remove()
	w.compacted(0)
	w.tellProgress(0)
	want := map[int64]string{2: "seen 2100"}
	for name, dir := range map[string]string{"with the files of who has read the giving up alone": behind, "without files": t.TempDir()} {
		v := w.view(dir).ready()
		if diff := cmp.Diff(want, rowsOf(t, v.Snapshot())); diff != "" {
			t.Fatalf("%s: a view that is ready (-want +got):\n%s", name, diff)
		}
		if n := v.metric("tidemark_view_doubled_keys"); n != 0 {
			t.Errorf("%s: %v keys are in several partitions", name, n)
		}
		v.stop()
		v = w.view(dir).ready()
		w.shows(v, name+", again", want)
		v.stop()
	}
	v = w.view(t.TempDir()).ready()
	w.proven(v, "afterwards")
	w.write(1, change{id: 1, status: "back", at: 3000}) // as any row
	w.shows(v, "a later event", map[int64]string{1: "back 3000", 2: "seen 2100"})
}

// TestARowStaysGoneWhenABatchHasIt begins a view again with a batch that has a row whose
// deletion nobody reports any more: the rows on disk have dropped it since, and what gives it
// up is behind them.
func TestARowStaysGoneWhenABatchHasIt(t *testing.T) {
	w := newDuplicatesWorld(t, 2)
	w.write(1, change{id: 1, status: "deleted elsewhere", at: 1000})
	w.write(1, change{id: 2, status: "there", at: 1100})
	id := w.takeBatch()
	dir := t.TempDir()
	v := w.view(dir).ready()
	v.sealed(id)
	v.stop()
	later := change{id: 1, at: 2000}
	w.write(0, later)
	w.giveUp(1, 1, later, 0)
	w.write(1, change{id: 2, status: "seen", at: 2100})
	w.compacted(0)
	w.tellProgress(0)
	want := map[int64]string{2: "seen 2100"}
	for range 3 {
		v := w.view(dir).ready()
		w.shows(v, "with the batch", want)
		v.stop()
	}
	v = w.view(dir).ready()
	w.proven(v, "the next batch")
}

// TestARowOfOtherColumnsThatIsLeftKeepsNobody has a view meet a row of other columns, which
// keeps it from being ready, then what gives that up, and never the later deletion.
func TestARowOfOtherColumnsThatIsLeftKeepsNobody(t *testing.T) {
	w := newDuplicatesWorld(t, 3)
	w.write(2, change{id: 1, status: "before", at: 500})
	v := w.view(t.TempDir()).ready()
	w.shows(v, "before", map[int64]string{1: "before 500"})
	w.fingerprint++
	w.write(1, change{id: 1, status: "deleted elsewhere", at: 1000})
	w.fingerprint--
	await(t, "the row of other columns to be met", func() bool {
		return v.metric("tidemark_view_foreign_rows") == 1 && v.metric("tidemark_view_doubled_keys") == 1
	})
	fault := w.withheld(0)
	later := change{id: 1, at: 2000}
	w.write(0, later)
	w.compacted(0)
	w.tellProgress(0)
	w.giveUp(1, 1, later, 0)
	w.giveUp(2, 1, later, 0)
	fault.Remove()
	w.shows(v.ready(), "the rows being given up", map[int64]string{})
	if n := v.metric("tidemark_view_foreign_rows"); n != 0 {
		t.Errorf("%v rows of other columns are left", n)
	}
}

// TestABatchFromBeforeRowsAreGivenUpIsNoDispute has rows given up between a batch's cut and
// its manifests, which count them: the view has one row of each key and no duplicate key any more.
func TestABatchFromBeforeRowsAreGivenUpIsNoDispute(t *testing.T) {
	w := newDuplicatesWorld(t, 2)
	dir := t.TempDir()
	v := w.view(dir).ready()
	old, later := change{id: 1, status: "old", at: 1000}, change{id: 1, status: "new", at: 2000}
	w.write(0, old)
	w.write(1, later)
	want := map[int64]string{1: "new 2000"}
	id := w.takeBatch(func() {
		w.giveUp(0, 1, later, 1)
		w.write(0, change{id: 2, status: "behind", at: 2100})
		want[2] = "behind 2100"
		w.shows(v, "given up", want)
		if n := v.metric("tidemark_view_doubled_keys"); n != 0 {
			t.Errorf("%v keys are in several partitions", n)
		}
	})
	v.sealed(id)
	if v.unproven() != 1 {
		t.Error("a batch that counts both rows is proven")
	}
	w.proven(v, "the next batch")
	if s := v.Status(); s.Disputed != 0 || v.metric("tidemark_view_rebuilds_total") != 0 {
		t.Errorf("batches are in dispute, or rows were built again: %+v", s)
	}
	v.stop()
	w.shows(w.view(dir).ready(), "again", want)
}

// TestGivenUpRowsEndTheSame is TestDuplicateKeysEndTheSame where rows that are behind are given
// up, some at once and some late, while batches are taken and views begin again.
func TestGivenUpRowsEndTheSame(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(seed, 11))
			w := newDuplicatesWorld(t, 3)
			parts, want := history(dice, 3)
			newest := map[int64]change{} // of what was written, and where
			where := map[int64]int32{}
			giveUp := func() {
				for id, c := range newest {
					for p := range int32(3) {
						if w.rows[p][id] != nil && p != where[id] && dice.IntN(2) == 0 {
							w.giveUp(p, id, c, where[id])
						}
					}
				}
			}
			dir := t.TempDir()
			v := w.view(dir).ready()
			left := len(parts[0]) + len(parts[1]) + len(parts[2])
			for left > 0 {
				p := dice.Int32N(3)
				for n := dice.IntN(12); n > 0 && len(parts[p]) > 0; n-- {
					c := parts[p][0]
					w.write(p, c)
					if c.at >= newest[c.id].at {
						newest[c.id], where[c.id] = c, p
					}
					parts[p] = parts[p][1:]
					left--
				}
				switch dice.IntN(10) {
				case 0:
					v.sealed(w.takeBatch())
				case 1:
					w.takeBatch(giveUp)
				case 2:
					v.stop()
					v = w.view(dir).ready()
				case 3:
					v.stop()
					dir = t.TempDir()
					v = w.view(dir).ready()
				case 4, 5, 6:
					giveUp()
				}
			}
			w.shows(v, "at the end", want)
			for id, c := range newest {
				for p := range int32(3) {
					if w.rows[p][id] != nil && p != where[id] {
						w.giveUp(p, id, c, where[id])
					}
				}
			}
			w.shows(v, "given up", want)
			w.shows(w.view(t.TempDir()).ready(), "without files", want)
			before := v.unproven()
			v.sealed(w.takeBatch())
			if v.unproven() != before {
				t.Error("the last batch is not proven")
			}
			w.shows(v, "after a batch", want)
			v.stop()
			w.shows(w.view(dir).ready(), "again", want)
			w.shows(w.view(t.TempDir()).ready(), "from the snapshot topic", want)
		})
	}
}
