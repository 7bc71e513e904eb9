package stream_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/kafka/stream"
)

// TestASlowReaderDelaysNobody has a partition of which nothing is taken, and many that go on.
func TestASlowReaderDelaysNobody(t *testing.T) {
	w := open(t)
	w.create(1, "slow", "a", "b")
	const size = 100 << 10
	w.fill("slow", 0, 300, size)
	slow, a, b := w.read("slow", 0, 0), w.read("a", 0, 0), w.read("b", 0, 0)
	w.next(slow)
	w.fill("a", 0, 1000, 1000) // more than is followed at once
	for range 1000 {
		w.next(a)
	}
	for i := range 200 {
		w.put("b", 0, fmt.Sprint(i))
		w.expect(b, fmt.Sprint(i))
	}
	if waits := len(slow.Messages()) * size; waits > 8<<20 {
		t.Errorf("%d bytes wait for the slow reader", waits)
	}
	for at := int64(1); at < 300; at++ { // it misses nothing for that
		if m := w.next(slow); m.Offset != at {
			t.Fatalf("the slow reader has offset %d, want %d", m.Offset, at)
		}
	}
}

// TestManyPartitionsAreAddedAtOnce has a request out that waits for records at the broker.
func TestManyPartitionsAreAddedAtOnce(t *testing.T) {
	w := open(t)
	var topics []string
	for i := range 50 {
		topics = append(topics, fmt.Sprint("t", i))
	}
	w.create(3, append(topics, "first")...)
	first := w.read("first", 0, 0)
	w.put("first", 0, "v")
	w.expect(first, "v")
	began := time.Now()
	var all []sarama.PartitionConsumer
	for _, topic := range topics {
		for n := range int32(3) {
			all = append(all, w.read(topic, n, sarama.OffsetNewest))
		}
	}
	for i, p := range all {
		w.put(topics[i/3], int32(i%3), "v")
		w.expect(p, "v")
	}
	if took := time.Since(began); took > patience/2 {
		t.Errorf("150 partitions took %s", took)
	}
}

func TestPausedPartitionsAreNotRead(t *testing.T) {
	w := open(t)
	w.create(2, "a")
	c := w.reader.Consumer()
	p, err := c.ConsumePartition("a", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.put("a", 0, "0")
	w.expect(p, "0")
	c.PauseAll()
	if !p.IsPaused() {
		t.Error("it is not paused")
	}
	other := w.read("a", 1, 0)
	for i := range 3 { // the request that was out meanwhile is over
		w.put("a", 1, fmt.Sprint(i))
		w.expect(other, fmt.Sprint(i))
	}
	w.put("a", 0, "1")
	w.put("a", 1, "3")
	w.expect(other, "3")
	if len(p.Messages()) > 0 {
		t.Error("a paused partition was read")
	}
	c.Resume(map[string][]int32{"a": {0}})
	w.expect(p, "1")
}

// TestPartitionsEndAtAnyMoment closes them while they are fetched, delivered and followed.
func TestPartitionsEndAtAnyMoment(t *testing.T) {
	w := open(t)
	w.create(1, "a", "b")
	w.fill("a", 0, 20_000, 500)
	stays := w.read("a", 0, 0)
	for i := range 200 {
		p := w.read("a", 0, int64(i*100))
		for range i % 5 {
			if m := w.next(p); m.Offset < int64(i*100) {
				t.Fatalf("offset %d comes", m.Offset)
			}
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if _, open := <-p.Messages(); open {
			t.Fatal("a closed partition has messages")
		}
	}
	for at := range int64(20_000) {
		if m := w.next(stays); m.Offset != at {
			t.Fatalf("offset %d comes, want %d", m.Offset, at)
		}
	}
}

func TestABrokerThatComesBackIsReadOn(t *testing.T) {
	w := openWith(t, broker.Options{Dir: t.TempDir(), Unsynced: true})
	w.create(1, "a", "b")
	a, b := w.read("a", 0, 0), w.read("b", 0, 0)
	w.fill("a", 0, 20_000, 1000)
	w.put("b", 0, "before")
	w.expect(b, "before")
	w.next(a)
	if err := w.broker.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-b.Errors(); err == nil {
		t.Error("no error is reported while the broker is away")
	}
	w.startBroker()
	w.put("b", 0, "after")
	w.expect(b, "after")
	for at := int64(1); at < 20_000; at++ {
		if m := w.next(a); m.Offset != at {
			t.Fatalf("offset %d comes, want %d", m.Offset, at)
		}
	}
}

func TestAClosedReaderEndsItsPartitions(t *testing.T) {
	w := open(t)
	w.create(1, "a", "b")
	w.fill("a", 0, 5000, 1000)
	a, b := w.read("a", 0, 0), w.read("b", 0, 0)
	w.next(a)
	w.reader.Close()
	for _, p := range []sarama.PartitionConsumer{a, b} {
		if err := w.expectEnd(p); err != nil {
			t.Error(err)
		}
	}
	if _, err := w.reader.Consumer().ConsumePartition("a", 0, 0); !errors.Is(err, stream.ErrClosed) {
		t.Errorf("a closed reader: %v, want %v", err, stream.ErrClosed)
	}
}

// TestNothingGrowsWithTopics counts goroutines of the package and sockets of the process, which has the broker, too.
func TestNothingGrowsWithTopics(t *testing.T) {
	w := open(t)
	counts := map[int][2]int{}
	read := 0
	for _, n := range []int{5, 25} {
		for ; read < n; read++ {
			topic := fmt.Sprint("t", read)
			w.create(3, topic)
			for number := range int32(3) {
				p := w.read(topic, number, 0)
				w.put(topic, number, "v")
				w.expect(p, "v")
			}
		}
		goroutines := -1
		deadline := time.After(patience)
		for goroutines != 3 {
			goroutines = ours()
			select {
			case <-deadline:
				t.Fatalf("%d goroutines read %d topics, want 3", goroutines, n)
			case <-time.After(10 * time.Millisecond):
			}
		}
		counts[n] = [2]int{goroutines, sockets(t)}
	}
	if few, many := counts[5], counts[25]; many[0] > few[0] || many[1] > few[1] {
		t.Errorf("goroutines and sockets are %v for 5 topics, and %v for 25", few, many)
	}
}

// ours counts the goroutines that the package has started.
func ours() (n int) {
	buf := make([]byte, 8<<20)
	for stack := range bytes.SplitSeq(buf[:runtime.Stack(buf, true)], []byte("\n\n")) {
		if bytes.Contains(stack, []byte("kafka/stream.(*")) && bytes.Contains(stack, []byte("WaitGroup).Go")) {
			n++
		}
	}
	return n
}

func sockets(t *testing.T) (n int) {
	t.Helper()
	const dir = "/proc/self/fd"
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Skip("the system does not list open files")
	}
	for _, f := range files {
		if to, err := os.Readlink(filepath.Join(dir, f.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}
