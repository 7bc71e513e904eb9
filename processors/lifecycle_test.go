package processors

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/kafkatest"
)

func TestAFailedSetupIsNotRunning(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	i := w.start(file)
	until(t, "the error in the status", func() bool { return partition(i, 0).Err != nil })
	if partition(i, 0).Running {
		t.Error("a partition whose state cannot be opened is said to run")
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	w.caughtUp(i)
	if s := partition(i, 0); !s.Running || s.Err != nil {
		t.Errorf("after the cause is gone: %+v", s)
	}
}

func TestRecoveryEndsAtAnEndThatIsNeverDelivered(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"), upsert(2, "b"))
	first := w.start(t.TempDir())
	w.caughtUp(first)
	first.stop()
	c := w.newClient(kgo.TransactionalID("somebody"))
	if err := c.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	r := &kgo.Record{Topic: w.names.Table, Key: []byte(w.canonical(3)), Value: w.stateRow(3, "c", 2)}
	if err := c.ProduceSync(t.Context(), r).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := kafkatest.EndTransaction(t.Context(), c, kgo.TryCommit, w.names.Table); err != nil { // leaves a marker at the end
		t.Fatal(err)
	}
	w.produce(upsert(1, "new"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{1: "new", 2: "b", 3: "c"}, w.changelog())
	if n := counter(t, i.metrics.failures); n != 0 {
		t.Errorf("%v runs ended", n)
	}
}

func TestSurvivorsOfARebalanceRunOn(t *testing.T) {
	w := newWorld(t, 4)
	i := w.start(t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ctx.Err() == nil; n++ {
			r := upsert(n%100, "v")
			r.Topic, r.Partition = sourceTopic, w.home(r.Key)
			w.client.Produce(ctx, r, nil)
			<-tick.C
		}
	}()
	until(t, "four partitions", func() bool { return len(running(i)) == 4 })
	second := w.start(t.TempDir())
	until(t, "two partitions each", func() bool { return len(running(i)) == 2 && len(running(second)) == 2 })
	kept := running(i)
	watched := watchRunning(i, kept)
	second.stop()
	until(t, "four partitions again", func() bool { return len(running(i)) == 4 })
	if stopped := watched(); len(stopped) > 0 {
		t.Errorf("partitions that stay were stopped: %v", stopped)
	}
	stop()
	<-loaded
	w.caughtUp(i)
	if n := counter(t, i.metrics.failures); n != 0 {
		t.Errorf("%v runs ended", n)
	}
	longest := w.longestGaps()
	for p, gap := range longest {
		bound := 5 * time.Second // goka alone sleeps so long in every rebalance
		if kept[p] {
			bound = 2 * time.Second // of a busy machine; some tenths of a second otherwise
		}
		if gap > bound {
			t.Errorf("partition %d stood still for %s", p, gap)
		}
	}
	t.Logf("longest gaps: %v, kept: %v", longest, kept)
}

// watchRunning looks again and again whether the partitions run; the function that it
// returns ends that and reports which did not.
func watchRunning(i *instance, partitions map[int32]bool) func() []int32 {
	stop, stopped := make(chan struct{}), make(chan []int32)
	go func() {
		missed := map[int32]bool{}
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				stopped <- slices.Sorted(maps.Keys(missed))
				return
			case <-tick.C:
				now := running(i)
				for p := range partitions {
					if !now[p] {
						missed[p] = true
					}
				}
			}
		}
	}()
	return func() []int32 { close(stop); return <-stopped }
}

func TestNothingIsSaidToRunBeforeItIsRecovered(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	first := w.start(t.TempDir())
	w.caughtUp(first)
	first.stop()
	slow := w.broker.Faults().Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: w.names.Table, Count: -1, Err: kerr.NotLeaderForPartition,
		When: ofOnePartition,
	})
	i := w.start(t.TempDir())
	until(t, "attempts", func() bool { return slow.Hits() > 3 })
	if partition(i, 0).Running {
		t.Error("a partition that is not recovered is said to run")
	}
	slow.Remove()
	until(t, "the partition running", func() bool { return partition(i, 0).Running })
}

func TestTheGroupIsCooperative(t *testing.T) {
	w := newWorld(t, 1)
	i := w.start(t.TempDir())
	until(t, "the partition running", func() bool { return partition(i, 0).Running })
	groups, err := kadm.NewClient(w.client).DescribeGroups(t.Context(), w.settings.MembersGroup())
	if err != nil {
		t.Fatal(err)
	}
	if p := groups[w.settings.MembersGroup()].Protocol; p != "cooperative-sticky" {
		t.Errorf("the group's protocol is %q", p)
	}
}

func TestTheStateIsOnDisk(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	if _, err := os.Stat(filepath.Join(stateOf(dir, 0), "CURRENT")); err != nil {
		t.Error(err)
	}
}

func TestPositionsAreKnownAfterARestart(t *testing.T) {
	w := newWorld(t, 2)
	for id := range 20 {
		w.produce(upsert(id, "a"))
	}
	dir := t.TempDir()
	first := w.start(dir)
	w.caughtUp(first)
	before := first.Status().Partitions
	first.stop()
	second := w.start(dir)
	w.caughtUp(second) // nothing is read again: the positions are kept
	for n, p := range second.Status().Partitions {
		if p.Source != before[n].Source || p.Changelog != before[n].Changelog {
			t.Errorf("after a restart %+v, before %+v", p, before[n])
		}
	}
}

func TestInstancesMayStartTogether(t *testing.T) {
	t.Parallel() // it mostly waits
	w := newWorld(t, 3)
	for id := range 30 {
		w.produce(upsert(id, "a"))
	}
	var all []*instance
	for range 3 {
		all = append(all, w.start(t.TempDir()))
	}
	w.caughtUp(all...)
	for _, i := range all {
		if err := i.Status().Err; err != nil {
			t.Error(err)
		}
	}
}

func TestAFreshTopicsLeaderIsAskedAgainQuickly(t *testing.T) {
	w := newWorld(t, 1)
	if _, err := kafka.Ensure(t.Context(), w.settings, w.table); err != nil {
		t.Fatal(err)
	}
	w.produce(upsert(1, "a"))
	fault := w.broker.Faults().Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: w.names.Table, Count: 6, Err: kerr.NotLeaderForPartition,
		When: ofOnePartition,
	})
	began := time.Now()
	i := w.start(t.TempDir())
	w.caughtUp(i)
	if fault.Hits() == 0 {
		t.Error("the fault did not happen")
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s to begin", took)
	}
}

// ofOnePartition distinguishes the requests of the recovery from those of the topics' check.
func ofOnePartition(r kmsg.Request) bool {
	topics := r.(*kmsg.ListOffsetsRequest).Topics
	return len(topics) == 1 && len(topics[0].Partitions) == 1
}
