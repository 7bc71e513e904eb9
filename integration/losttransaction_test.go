package integration

import (
	"context"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// TestALostTransactionIsEnded has a transaction in the topics by keys of which the coordinator knows nothing, as
// Kafka leaves it when it restarts while a transaction ends. It would stay open for ever, and what is behind it
// would never be read; or be committed by the next one.
func TestALostTransactionIsEnded(t *testing.T) {
	stack.NeedReal(t)
	t.Parallel()
	kafka := stack.KafkaFor(t, stack.Options{Settings: map[string]string{"transaction.partition.verification.enable": "false"}})
	for _, c := range []struct {
		name    string
		in      []string
		counted bool
	}{
		{"records", []string{"orders-keyed"}, false},
		{"the record of how far it is", []string{"orders-rekeyed"}, false},
		{"both", []string{"orders-keyed", "orders-rekeyed"}, false},
		{"records that were to be committed", []string{"orders-keyed"}, true},
	} {
		t.Run(c.name, func(t *testing.T) { endLost(t, harness.Connect(t, strings.Split(kafka.Addr, ",")), c.in, c.counted) })
	}
}

// endLost loses a transaction in the topics; counted says that the record of how far the partition is was committed,
// and so says that the transaction was to be.
func endLost(t *testing.T, c *harness.Cluster, in []string, counted bool) {
	topic := c.Topic(t, "shop.public.orders", 1)
	table := harness.Table("orders", topic, "debezium-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("v", "int64"))
	partitioner("any")(table)
	p := harness.Start(t, c, harness.Config{Tables: []m{table}})
	write := func(v int) {
		for id := range 10 {
			c.Produce(t, topic, orderAt(id, v, 10*v+id))
		}
	}
	write(1)
	p.CaughtUp(t, "orders")
	p.Stop()

	lost := kadm.TopicsSet{}
	for _, name := range in {
		lost.Add(c.Prefix+name, 0)
		loseTransaction(t, c, c.Prefix+"orders-keyed-0", c.Prefix+name)
	}
	if len(openIn(t, c, lost)) != len(in) {
		t.Fatalf("transactions are open in %v, not in %v: nothing was lost", openIn(t, c, lost), lost)
	}
	if counted {
		countTransaction(t, c)
	} else {
		write(2)
	}
	p.Start()
	p.WaitReady()
	if counted {
		harness.Poll(t, 30*time.Second, "the row of what was counted there", func() bool {
			return strings.Contains(string(p.Get(t, "/v1/tables/orders/rows/0").Body), `"v":666`)
		})
		write(2)
	}
	for _, r := range p.Rows(t, "orders", "order=id") {
		if v := fmt.Sprint(r["v"]); v != "2" {
			t.Errorf("row %v has v %s, want 2", r["id"], v)
		}
	}
	if !strings.Contains(p.Output(), "transaction that the brokers have lost is ended") {
		t.Error("the log does not tell of it")
	}
	harness.Poll(t, 30*time.Second, "all transactions ended", func() bool { return len(openIn(t, c, lost)) == 0 })
	seen := 0
	for _, r := range readAll(t, c, c.Prefix+"orders-keyed") {
		if strings.Contains(string(r.Value), `"v":666`) {
			seen++
		}
	}
	if want := map[bool]int{true: 1}[counted]; seen != want {
		t.Errorf("what was lost is there %d times, want %d", seen, want)
	}
}

// readAll returns the committed records of a topic's partition, up to what is there now.
func readAll(t *testing.T, c *harness.Cluster, topic string) (out []*kgo.Record) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.Addrs...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ends, err := c.Admin().ListEndOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	end, _ := ends.Lookup(topic, 0)
	for next := int64(0); next < end.Offset; {
		for _, r := range cl.PollFetches(t.Context()).Records() {
			if next = r.Offset + 1; !r.Attrs.IsControl() {
				out = append(out, r)
			}
		}
	}
	return out
}

// countTransaction commits a record of how far the partition is that counts all of the topic by keys.
func countTransaction(t *testing.T, c *harness.Cluster) {
	t.Helper()
	marks := readAll(t, c, c.Prefix+"orders-rekeyed")
	last := marks[len(marks)-1]
	at, err := wire.ParseRepartitioned(last.Value)
	if err != nil {
		t.Fatal(err)
	}
	ends, err := c.Admin().ListEndOffsets(t.Context(), c.Prefix+"orders-keyed")
	if err != nil {
		t.Fatal(err)
	}
	end, _ := ends.Lookup(c.Prefix+"orders-keyed", 0)
	at.Keyed = []int64{end.Offset}
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.Addrs...))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	again := &kgo.Record{Topic: last.Topic, Key: last.Key, Headers: last.Headers, Value: wire.AppendRepartitioned(nil, at)}
	if err := cl.ProduceSync(t.Context(), again).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func orderAt(id, v, lsn int) harness.Event {
	now := time.Now().UnixMilli()
	return harness.Text(fmt.Sprintf(`{"id":%d}`, id), fmt.Sprintf(`{"before":null,"after":{"id":%d,"v":%d},"op":"u","ts_ms":%d,`+
		`"source":{"version":"3.7.0.Final","connector":"postgresql","name":"shop","db":"shop","schema":"public","table":"orders","lsn":%d,"ts_ms":%d}}`,
		id, v, now, lsn, now)).In(0)
}

// openIn returns the partitions in which something is not committed.
func openIn(t *testing.T, c *harness.Cluster, in kadm.TopicsSet) []string {
	t.Helper()
	all, err := c.Admin().DescribeProducers(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	all.EachProducer(func(p kadm.DescribedProducer) {
		if p.CurrentTxnStartOffset >= 0 {
			out = append(out, fmt.Sprintf("%s/%d", p.Topic, p.Partition))
		}
	})
	return out
}

// loseTransaction writes the first record of a topic once more, changed, in a transaction that the coordinator is
// did not report. Clients up to version 11 of the request report it themselves; brokers that do not verify it believe them.
func loseTransaction(t *testing.T, c *harness.Cluster, id, topic string) {
	t.Helper()
	versions := kversion.Stable()
	versions.SetMaxKeyVersion(int16(kmsg.Produce), 11)
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.Addrs...), kgo.TransactionalID(id), kgo.MaxVersions(versions),
		kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	producer, epoch, err := cl.ProducerID(ctx)
	if err != nil {
		t.Fatal(err)
	}
	fetches := cl.PollRecords(ctx, 1)
	if fetches.Err() != nil || fetches.NumRecords() == 0 {
		t.Fatalf("no record of %s: %v", topic, fetches.Err())
	}
	first := fetches.Records()[0]
	first.Value = []byte(strings.Replace(string(first.Value), `"v":1`, `"v":666`, 1))
	req := kmsg.NewPtrProduceRequest()
	req.TransactionID, req.Acks, req.TimeoutMillis = &id, -1, 10_000
	part := kmsg.NewProduceRequestTopicPartition()
	part.Partition, part.Records = 0, batchOf(first, producer, epoch)
	to := kmsg.NewProduceRequestTopic()
	to.Topic, to.Partitions = topic, []kmsg.ProduceRequestTopicPartition{part}
	req.Topics = append(req.Topics, to)
	res, err := req.RequestWith(ctx, cl)
	if err != nil {
		t.Fatal(err)
	}
	if err := kerr.ErrorForCode(res.Topics[0].Partitions[0].ErrorCode); err != nil {
		t.Fatal(err)
	}
}

// batchOf is a transactional batch of one record.
func batchOf(r *kgo.Record, producer int64, epoch int16) []byte {
	rec := kmsg.Record{Key: r.Key, Value: r.Value}
	for _, h := range r.Headers {
		rec.Headers = append(rec.Headers, kmsg.Header{Key: h.Key, Value: h.Value})
	}
	rec.Length = int32(len(rec.AppendTo(nil)) - 1) // without the byte that a length of 0 takes
	now := time.Now().UnixMilli()
	b := kmsg.RecordBatch{
		PartitionLeaderEpoch: -1, Magic: 2, Attributes: 0x10, FirstTimestamp: now, MaxTimestamp: now,
		ProducerID: producer, ProducerEpoch: epoch, NumRecords: 1, Records: rec.AppendTo(nil),
	}
	b.Length = int32(len(b.AppendTo(nil)) - 12)
	raw := b.AppendTo(nil)
	b.CRC = int32(crc32.Checksum(raw[21:], crc32.MakeTable(crc32.Castagnoli)))
	return b.AppendTo(nil)
}
