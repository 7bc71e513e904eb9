package processors

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/processors/intake"
	"github.com/tidemark/tidemark/tables"
)

func TestAWrongPartitionerStopsThePartitionBeforeTheRecord(t *testing.T) {
	w := newWorld(t, 3)
	w.produce(upsert(1, "a"))
	wrong := upsert(2, "elsewhere")
	wrong.Topic, wrong.Partition = sourceTopic, (w.home(keyJSON(2))+1)%3
	w.produceRaw(wrong)
	i := w.start(t.TempDir())
	var e *intake.PartitionerError
	until(t, "a refusal", func() bool { return errors.As(partition(i, wrong.Partition).Err, &e) })
	if e.Topic != sourceTopic || e.Partition != wrong.Partition || e.Want != w.home(keyJSON(2)) || string(e.Key) != string(keyJSON(2)) {
		t.Errorf("the refusal says %+v", e)
	}
	id := 9
	for w.home(keyJSON(id)) == wrong.Partition {
		id++
	}
	other := upsert(id, "b")
	w.produce(other)
	until(t, "the other partitions going on", func() bool { return len(w.changelog()) > 0 && partition(i, other.Partition).Source > 0 })
	if _, split := w.changelog()[2]; split {
		t.Error("the record was processed: its key lives in two partitions now")
	}
	if n := len(w.read(w.names.DeadLetters)); n != 0 {
		t.Errorf("%d dead letters: the record is not at fault", n)
	}
	i.stop()
	w.table.Source.Partitioner, w.table.Generation = tables.PartitionAny, 1
	w.names = w.settings.Names(w.table)
	w.start(t.TempDir())
	until(t, "the row with partitioner any", func() bool { return w.exists(w.names.Table) && w.changelog()[2] == "elsewhere" })
}

func TestAMissingSourceIsWaitedFor(t *testing.T) {
	w := newWorld(t, 1)
	if err := w.broker.Faults().DeleteTopic(sourceTopic); err != nil {
		t.Fatal(err)
	}
	i := w.start(t.TempDir())
	until(t, "the error in the status", func() bool { return errors.Is(i.Status().Err, kafka.ErrNoSource) })
	if err := w.broker.Faults().CreateTopic(sourceTopic, 1, nil); err != nil {
		t.Fatal(err)
	}
	w.client.PurgeTopicsFromClient(sourceTopic)
	w.produce(upsert(1, "a"))
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{1: "a"}, w.changelog())
	if err := i.Status().Err; err != nil {
		t.Errorf("the status says %v", err)
	}
}

func (w *world) grow(topic string, partitions int) {
	w.t.Helper()
	resp, err := kadm.NewClient(w.client).UpdatePartitions(w.t.Context(), partitions, topic)
	if err == nil {
		err = resp.Error()
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestMorePartitionsAreRefused(t *testing.T) {
	w := newWorld(t, 2)
	w.produce(upsert(1, "a"))
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	w.grow(sourceTopic, 3)
	refused := func(i *instance) func() bool {
		return func() bool {
			var e *kafka.PartitionsError
			return errors.As(i.Status().Err, &e)
		}
	}
	until(t, "a refusal at run time", refused(i))
	until(t, "no partition processed", func() bool { return len(i.Status().Partitions) == 0 })
	i.stop()
	until(t, "a refusal at the start", refused(w.start(dir)))
}

func TestARecreatedSourceIsRefused(t *testing.T) {
	w := newWorld(t, 1)
	for id := range 5 {
		w.produce(upsert(id, "a"))
	}
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	refused := func(i *instance) func() bool {
		return func() bool {
			var e *kafka.RecreatedError
			return errors.As(i.Status().Err, &e) && e.Topic == sourceTopic
		}
	}
	until(t, "progress written", func() bool { return w.progress()[0] == 5 })
	if err := w.broker.Faults().DeleteTopic(sourceTopic); err != nil {
		t.Fatal(err)
	}
	if err := w.broker.Faults().CreateTopic(sourceTopic, 1, nil); err != nil {
		t.Fatal(err)
	}
	until(t, "a refusal at run time", refused(i))
	i.stop()
	until(t, "a refusal at the start", refused(w.start(dir)))
	until(t, "a refusal without a local state", refused(w.start(t.TempDir())))
}

func TestRecordsLostBeforeTheyWereReadAreTold(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"), upsert(2, "a"))
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	i.stop()
	w.produce(upsert(1, "lost"), upsert(3, "lost"), upsert(2, "b"))
	if err := w.broker.Faults().DeleteRecords(sourceTopic, 0, 4); err != nil {
		t.Fatal(err)
	}
	i = w.start(dir)
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{1: "a", 2: "b"}, w.changelog())
	if lost := partition(i, 0).Lost; lost == nil || lost.Next != 2 || lost.Start != 4 {
		t.Errorf("the status says %+v", partition(i, 0))
	}
	if n := counter(t, i.metrics.lost); n != 2 {
		t.Errorf("%v lost records are counted, want 2", n)
	}
}

func TestOnePartitionsFailureLeavesTheOthersAlone(t *testing.T) {
	w := newWorld(t, 2)
	i := w.start(t.TempDir())
	until(t, "both partitions", func() bool { return len(running(i)) == 2 })
	fault := w.broker.Faults().Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Topic: w.names.Table, Partitions: []int32{0}, Err: kerr.PolicyViolation, Count: -1,
	})
	var there, here int64
	for id := range 40 {
		w.produce(upsert(id, "a"))
		if w.home(keyJSON(id)) == 0 {
			there++
		} else {
			here++
		}
	}
	until(t, "partition 1 done", func() bool { return partition(i, 1).Source == here })
	until(t, "partition 0 failing", func() bool { return partition(i, 0).Err != nil })
	if s := partition(i, 1); s.Err != nil || !s.Running {
		t.Errorf("partition 1: %+v", s)
	}
	fault.Remove()
	until(t, "partition 0 done", func() bool { return partition(i, 0).Source == there })
	if n := len(w.changelog()); n != 40 {
		t.Errorf("%d rows, want 40", n)
	}
}

func TestABrokerMayGoAwayAndComeBack(t *testing.T) {
	dir := t.TempDir()
	start := func(addr string) *broker.Broker {
		b, err := broker.Start(t.Context(), broker.Options{Dir: dir, Addr: addr, Topics: map[string]int32{sourceTopic: 2}})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := start("")
	addr := b.Addrs()[0]
	w := &world{t: t, broker: b, settings: kafka.Settings{Brokers: []string{addr}}, parts: 2, table: ordersTable()}
	w.names, w.client = w.settings.Names(&tables.Table{Name: "orders"}), w.newClient()
	w.produce(upsert(1, "a"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = start(addr)
	defer b.Close()
	w.produce(upsert(1, "b"), upsert(2, "c"))
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{1: "b", 2: "c"}, w.changelog())
	i.stop()
}

func TestACorruptStateIsRebuiltFromTheChangelog(t *testing.T) {
	w := newWorld(t, 1)
	for id := range 50 {
		w.produce(upsert(id, "a"))
	}
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	i.stop()
	names, err := filepath.Glob(filepath.Join(stateOf(dir, 0), "MANIFEST-*"))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	if err := os.WriteFile(names[0], []byte("garbage"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.produce(upsert(1, "b"))
	i = w.start(dir)
	w.caughtUp(i)
	i.stop()
	want := w.changelog()
	if len(want) != 50 || want[1] != "b" {
		t.Fatalf("the changelog has %d rows, 1 is %q", len(want), want[1])
	}
	same(t, "state", want, w.states([]*child{{dir: dir}}))
}

func TestDamageThatShowsAtRunTimeIsRebuiltToo(t *testing.T) {
	t.Parallel() // it mostly waits
	w := newWorld(t, 1)
	want := map[int64]string{}
	var recs []*kgo.Record
	for id := range 3000 {
		want[int64(id)] = "value " + strconv.Itoa(id*7919)
		recs = append(recs, upsert(id, want[int64(id)]))
	}
	w.produce(recs...)
	dir := t.TempDir()
	for range 2 { // opening turns the journal into a table
		i := w.start(dir)
		w.caughtUp(i)
		i.stop()
	}
	tables, err := filepath.Glob(filepath.Join(stateOf(dir, 0), "*.ldb"))
	if err != nil || len(tables) == 0 {
		t.Fatal(tables, err)
	}
	for _, name := range tables {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for at := len(b) / 2; at < len(b)/2+100; at++ { // among the rows, behind what is read at the start
			b[at] ^= 0xff
		}
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	i := w.start(dir)
	w.caughtUp(i)
	_, ms := w.batch() // reads every row
	same(t, "batch", want, w.snapshot(ms))
	if n := counter(t, i.metrics.failures); n == 0 {
		t.Error("no run has met the damage")
	}
	if aside, err := filepath.Glob(stateOf(dir, 0) + ".aside-*"); err != nil || len(aside) == 0 {
		t.Error("the damaged state was not set aside", err)
	}
}

func TestARecreatedChangelogIsFilledAgainFromTheStartOfTheSource(t *testing.T) {
	t.Parallel() // it mostly waits
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"), upsert(2, "b"))
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	w.batch()
	i.stop()
	if err := w.broker.Faults().DeleteTopic(w.names.Table); err != nil {
		t.Fatal(err)
	}
	w.produce(remove(2), upsert(4, "d"))
	i = w.start(dir)
	w.caughtUp(i)
	want := map[int64]string{1: "a", 4: "d"}
	same(t, "changelog", want, w.changelog())
	i.stop()
	dir = t.TempDir()
	i = w.start(dir) // recovers what the manifest of another changelog knows nothing of
	w.caughtUp(i)
	_, ms := w.batch()
	same(t, "batch", want, w.snapshot(ms))
	if err := w.broker.Faults().DeleteTopic(w.names.Table); err != nil {
		t.Fatal(err)
	}
	w.produce(upsert(3, "c"))
	want[3] = "c"
	until(t, "the changelog filled again at run time", func() bool { return w.exists(w.names.Table) && len(w.changelog()) == 3 })
	w.caughtUp(i)
	same(t, "changelog", want, w.changelog())
	i.stop()
	same(t, "state", want, w.states([]*child{{dir: dir}}))
}

func (w *world) exists(topic string) bool {
	_, err := kafka.Describe(w.t.Context(), w.client, topic)
	return err == nil
}
