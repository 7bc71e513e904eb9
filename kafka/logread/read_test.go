package logread_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/kafka/kafkatest"
	"github.com/tidemark/tidemark/kafka/logread"
)

const (
	topic    = "t"
	patience = 30 * time.Second
)

// world is a broker with a topic of three partitions.
type world struct {
	t        *testing.T
	settings kafka.Settings
	client   *kgo.Client
}

func open(t *testing.T) *world {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	w := &world{t: t, settings: kafka.Settings{Brokers: b.Addrs()}}
	w.client = w.connect(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if _, err := kadm.NewClient(w.client).CreateTopic(t.Context(), 3, 1, nil, topic); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) connect(extra ...kgo.Opt) *kgo.Client {
	w.t.Helper()
	c, err := w.settings.Client(extra...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.Close)
	return c
}

// put writes records to a partition, each a batch of its own.
func (w *world) put(c *kgo.Client, partition int32, values ...string) {
	w.t.Helper()
	for _, v := range values {
		r := &kgo.Record{Topic: topic, Partition: partition, Value: []byte(v)}
		if err := c.ProduceSync(w.t.Context(), r).FirstErr(); err != nil {
			w.t.Fatal(err)
		}
	}
}

// transaction writes records in a transaction, which end ends or leaves open.
func (w *world) transaction(end func(*kgo.Client) error, partition int32, values ...string) *kgo.Client {
	w.t.Helper()
	c := w.connect(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.TransactionalID(fmt.Sprint(values)))
	if err := c.BeginTransaction(); err != nil {
		w.t.Fatal(err)
	}
	w.put(c, partition, values...)
	if err := end(c); err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) commit(c *kgo.Client) error {
	return kafkatest.EndTransaction(w.t.Context(), c, kgo.TryCommit, topic)
}
func (w *world) abort(c *kgo.Client) error {
	return kafkatest.EndTransaction(w.t.Context(), c, kgo.TryAbort, topic)
}
func leaveOpen(*kgo.Client) error { return nil }

func (w *world) within() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	w.t.Cleanup(cancel)
	return ctx
}

func (w *world) want(got, want []string) {
	w.t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		w.t.Errorf("records (-want +got):\n%s", d)
	}
}

func TestAllOfATopic(t *testing.T) {
	w := open(t)
	w.put(w.client, 0, "a0", "a1")
	w.transaction(w.abort, 0, "aborted")
	w.put(w.client, 0, "a2")
	w.put(w.client, 2, "c0")
	w.transaction(w.commit, 2, "c1") // a marker is the last of it
	var got []string
	err := logread.All(w.within(), w.client, topic, func(r *kgo.Record) error {
		got = append(got, fmt.Sprintf("%d %s", r.Partition, r.Value))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	w.want(got, []string{"0 a0", "0 a1", "0 a2", "2 c0", "2 c1"})
}

func TestSpanIsReadAndNothingElse(t *testing.T) {
	w := open(t)
	w.put(w.client, 1, "0", "1", "2", "3", "4")
	for _, c := range []struct {
		span logread.Span
		want []string
	}{
		{logread.Span{From: 1, End: 3}, []string{"1", "2"}},
		{logread.Span{From: 3, End: 9}, []string{"3", "4"}},
		{logread.Span{From: 3, End: 3}, nil},
		{logread.Span{From: 5, End: 9}, nil},
	} {
		var got []string
		err := logread.Read(w.within(), w.client, kafka.Topic{Name: topic}, 1, c.span, func(r *kgo.Record) error {
			got = append(got, string(r.Value))
			return nil
		})
		if err != nil {
			t.Errorf("%v: %v", c.span, err)
		}
		w.want(got, c.want)
	}
}

// TestRemovedFrontIsLeftOut has a log that begins behind the span's first offset, and one that ends before it.
func TestRemovedFrontIsLeftOut(t *testing.T) {
	w := open(t)
	w.put(w.client, 0, "0", "1", "2")
	cut := kadm.Offsets{}
	cut.Add(kadm.Offset{Topic: topic, Partition: 0, At: 2})
	if _, err := kadm.NewClient(w.client).DeleteRecords(t.Context(), cut); err != nil {
		t.Fatal(err)
	}
	var got []string
	take := func(r *kgo.Record) error { got = append(got, string(r.Value)); return nil }
	if err := logread.Read(w.within(), w.client, kafka.Topic{Name: topic}, 0, logread.Span{End: 3}, take); err != nil {
		t.Fatal(err)
	}
	w.want(got, []string{"2"})
	if err := logread.Read(w.within(), w.client, kafka.Topic{Name: topic}, 0, logread.Span{From: 7, End: 9}, take); err == nil {
		t.Error("a span behind the log's end is read without an error")
	}
}

// TestOpenTransactionIsWaitedFor reads up to an offset that an open transaction hides.
func TestOpenTransactionIsWaitedFor(t *testing.T) {
	w := open(t)
	w.put(w.client, 0, "before")
	c := w.transaction(leaveOpen, 0, "hidden")
	ctx, cancel := context.WithCancel(w.within())
	var got []string
	done := make(chan error, 1)
	go func() {
		done <- logread.Read(ctx, w.client, kafka.Topic{Name: topic}, 0, logread.Span{End: 2}, func(r *kgo.Record) error {
			got = append(got, string(r.Value))
			return nil
		})
	}()
	left, err := logread.Deliverable(w.within(), w.client, kafka.Topic{Name: topic}, 0, 1, 2)
	if err != nil || !left {
		t.Errorf("deliverable behind an open transaction: %v, %v", left, err)
	}
	if err := w.commit(c); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	w.want(got, []string{"before", "hidden"})
	cancel()
	w.transaction(leaveOpen, 1, "never")
	err = logread.Read(ctx, w.client, kafka.Topic{Name: topic}, 1, logread.Span{End: 1}, func(*kgo.Record) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a context that is over: %v", err)
	}
}

func TestReaderEndsWithTheErrorOfItsCaller(t *testing.T) {
	w := open(t)
	for p := range int32(3) {
		w.put(w.client, p, "a", "b")
	}
	bad := errors.New("bad")
	n := 0
	err := logread.All(w.within(), w.client, topic, func(*kgo.Record) error { n++; return bad })
	if !errors.Is(err, bad) || n != 1 {
		t.Errorf("after %d records: %v", n, err)
	}
	err = logread.All(w.within(), w.client, "nowhere", func(*kgo.Record) error { return nil })
	if err == nil {
		t.Error("a topic that is not there is read")
	}
}

func TestOneRecord(t *testing.T) {
	w := open(t)
	w.put(w.client, 0, "0", "1", "2")
	w.transaction(w.abort, 0, "aborted") // at 3, its marker at 4
	w.put(w.client, 0, "5")
	for _, at := range []int64{0, 1, 2, 5} {
		r, err := logread.One(w.within(), w.client, topic, 0, at)
		if err != nil || string(r.Value) != fmt.Sprint(at) {
			t.Errorf("the record at %d: %v, %v", at, r, err)
		}
	}
	for _, at := range []int64{3, 4, 6, 100} {
		var gone *logread.GoneError
		if r, err := logread.One(w.within(), w.client, topic, 0, at); !errors.As(err, &gone) {
			t.Errorf("the record at %d: %v, %v", at, r, err)
		}
	}
}

func TestBackReadsAllWhereTheEndIsNotEnough(t *testing.T) {
	w := open(t)
	var all []*kgo.Record
	for i := range 3000 {
		all = append(all, &kgo.Record{Topic: topic, Partition: 0, Value: fmt.Append(nil, i)})
	}
	if err := w.client.ProduceSync(t.Context(), all...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		enough bool
		read   int
	}{{true, 2000}, {false, 2000 + 3000}} {
		n := 0
		end, err := logread.Back(w.within(), w.client, kafka.Topic{Name: topic}, 0, func(*kgo.Record) { n++ }, func() bool { return c.enough })
		if err != nil || end != 3000 || n != c.read {
			t.Errorf("enough %v: %d records up to %d, %v", c.enough, n, end, err)
		}
	}
}
