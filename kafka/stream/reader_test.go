package stream_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestRecordsComeInOrderAndAsTheyAre(t *testing.T) {
	w := open(t)
	w.create(2, "a")
	w.put("a", 1, "other")
	records := []*kgo.Record{
		{Topic: "a", Key: []byte("k"), Value: []byte("v"), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("1")}, {Key: "h", Value: nil}, {Key: "i", Value: []byte{}}}},
		{Topic: "a", Key: nil, Value: nil},
		{Topic: "a", Key: []byte{}, Value: []byte{}},
	}
	if err := w.client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	p := w.read("a", 0, sarama.OffsetOldest)
	for i, r := range records {
		m := w.next(p)
		if m.Offset != int64(i) || m.Topic != "a" || m.Partition != 0 || !m.Timestamp.Equal(r.Timestamp) {
			t.Errorf("message %d is %s/%d/%d of %s", i, m.Topic, m.Partition, m.Offset, m.Timestamp)
		}
		if (m.Key == nil) != (r.Key == nil) || string(m.Key) != string(r.Key) || (m.Value == nil) != (r.Value == nil) || string(m.Value) != string(r.Value) {
			t.Errorf("message %d has key %#v and value %#v, want %#v and %#v", i, m.Key, m.Value, r.Key, r.Value)
		}
		var got, want []string
		for _, h := range m.Headers {
			got = append(got, fmt.Sprintf("%s=%#v", h.Key, h.Value))
		}
		for _, h := range r.Headers {
			want = append(want, fmt.Sprintf("%s=%#v", h.Key, h.Value))
		}
		if strings.Join(got, ",") != strings.Join(want, ",") {
			t.Errorf("message %d has headers %v, want %v", i, got, want)
		}
	}
	w.expect(w.read("a", 1, 0), "other")
	if high := p.HighWaterMarkOffset(); high != 3 {
		t.Errorf("the high water mark is %d, want 3", high)
	}
	w.put("a", 0, "later", "last") // the session has the partition now
	w.expect(p, "later", "last")
}

func TestAPartitionIsReadFromAnyOffset(t *testing.T) {
	w := open(t)
	w.create(1, "a")
	w.put("a", 0, "0", "1", "2")
	w.expect(w.read("a", 0, 1), "1", "2")
	newest := w.read("a", 0, sarama.OffsetNewest)
	w.put("a", 0, "3")
	w.expect(newest, "3")
	for _, offset := range []int64{5, -7} {
		if _, err := w.reader.Consumer().ConsumePartition("a", 0, offset); !errors.Is(err, sarama.ErrOffsetOutOfRange) {
			t.Errorf("offset %d: %v, want %v", offset, err, sarama.ErrOffsetOutOfRange)
		}
	}
	c := w.reader.Consumer()
	for _, want := range []bool{true, false} {
		if _, err := c.ConsumePartition("a", 0, 0); (err == nil) != want {
			t.Errorf("one consumer reads a partition once: %v", err)
		}
	}
	if marks := c.HighWaterMarks(); len(marks["a"]) != 1 {
		t.Errorf("the high water marks are %v", marks)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	p, err := c.ConsumePartition("a", 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	w.expect(p, "3")
}

// TestReadersOfOnePartitionHaveAllOfIt has some that join late and fall behind.
func TestReadersOfOnePartitionHaveAllOfIt(t *testing.T) {
	w := open(t)
	w.create(1, "a")
	var readers []sarama.PartitionConsumer
	const rounds = 20
	for i := range rounds {
		readers = append(readers, w.read("a", 0, 0))
		w.fill("a", 0, 100*(i%3), 1000)
		w.put("a", 0, fmt.Sprint(i))
	}
	end, err := w.reader.GetOffset("a", 0, sarama.OffsetNewest)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range readers {
		for at := range end {
			if m := w.next(p); m.Offset != at {
				t.Fatalf("reader %d has offset %d, want %d", i, m.Offset, at)
			}
		}
	}
	w.put("a", 0, "for all")
	for _, p := range readers {
		w.expect(p, "for all")
	}
}

func TestCommittedRecordsAloneAreRead(t *testing.T) {
	w := open(t)
	w.create(1, "a")
	p := w.read("a", 0, 0)
	w.put("a", 0, "plain")
	w.expect(p, "plain")
	for i, end := range []kgo.TransactionEndTry{kgo.TryAbort, kgo.TryCommit, kgo.TryAbort} {
		txn := w.connect(kgo.TransactionalID(fmt.Sprint("x", i)), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		if err := txn.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := txn.ProduceSync(t.Context(), &kgo.Record{Topic: "a", Value: fmt.Append(nil, "in ", i)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		w.put("a", 0, fmt.Sprint("beside ", i))
		if err := txn.EndTransaction(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	w.expect(p, "beside 0", "in 1", "beside 1", "beside 2")
	w.expect(w.read("a", 0, 0), "plain", "beside 0", "in 1", "beside 1", "beside 2")
}

func TestLargeValuesPass(t *testing.T) {
	w := open(t)
	w.create(1, "a", "b")
	big := w.connect(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(kgo.NoCompression()))
	p, small := w.read("a", 0, 0), w.read("b", 0, 0)
	for i := range 2 {
		value := []byte(strings.Repeat(fmt.Sprint(i), 64<<20))
		if err := big.ProduceSync(t.Context(), &kgo.Record{Topic: "a", Value: value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		w.put("b", 0, fmt.Sprint(i))
	}
	w.expect(small, "0", "1")
	for i := range 2 {
		if m := w.next(p); len(m.Value) != 64<<20 || string(m.Value[:1]) != fmt.Sprint(i) {
			t.Errorf("value %d has %d bytes", i, len(m.Value))
		}
	}
}
