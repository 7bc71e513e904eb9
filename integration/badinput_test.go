package integration

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/kafka/broker"
)

func TestUndecodableRecordGoesToTheDeadLetters(t *testing.T) {
	t.Parallel()
	c, p, topic := orders(t)
	d := &harness.Debezium{Key: []string{"id"}}
	bad := harness.Text(`{"id":7}`, `{"after": {"id": 7, "v": `)
	bad.Headers = [][2]string{{"trace", "a1"}}
	wrong := d.Create(m{"id": 8, "v": "x"})
	*wrong.Key = `{"id":"eight"}`
	c.Produce(t, topic, d.Create(order(1, "a")), bad, wrong, d.Create(order(2, "b")))
	harness.Same(t, []row{order(1, "a"), order(2, "b")}, p.Rows(t, "orders", ""), "id")

	deadLetters := c.ReadTopic(t, c.Prefix+"orders-dlq")
	if len(deadLetters) != 2 {
		t.Fatalf("%d dead letters, want 2", len(deadLetters))
	}
	for _, l := range deadLetters {
		h := headers(l)
		if h["tidemark.topic"] != topic || h["tidemark.error"] == "" || h["tidemark.partition"] == "" || h["tidemark.offset"] == "" {
			t.Errorf("headers of a dead letter: %v", h)
		}
		switch string(l.Key) {
		case *bad.Key:
			if string(l.Value) != *bad.Value || h["trace"] != "a1" {
				t.Errorf("the dead letter is not the record: %s %v", l.Value, h)
			}
		case *wrong.Key:
			if string(l.Value) != *wrong.Value || !strings.Contains(h["tidemark.error"]+h["tidemark.field"], "id") {
				t.Errorf("the dead letter does not name the field: %v", h)
			}
		default:
			t.Errorf("an unknown dead letter %s", l.Key)
		}
	}
}

func headers(r *kgo.Record) map[string]string {
	out := map[string]string{}
	for _, h := range r.Headers {
		out[h.Key] = string(h.Value)
	}
	return out
}

func TestRowOverTheSizeLimitGoesToTheDeadLetters(t *testing.T) {
	t.Parallel()
	c := harness.NewCluster(t)
	topic := c.Topic(t, "source", 1)
	table := harness.Table("orders", topic, "upsert-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("v", "string"))
	p := harness.Start(t, c, harness.Config{Tables: []m{table}})
	p.Stop()
	// The changelog now takes less than the source does.
	limit := "100000"
	_, err := c.Admin().AlterTopicConfigs(t.Context(), []kadm.AlterConfig{
		{Op: kadm.SetConfig, Name: "max.message.bytes", Value: &limit},
	}, c.Prefix+"orders-table")
	if err != nil {
		t.Fatal(err)
	}
	p.Start()
	p.WaitReady()
	wide := harness.Text("2", `{"id":2,"v":"`+strings.Repeat("x", 200_000)+`"}`)
	c.Produce(t, topic, harness.Text("1", `{"id":1,"v":"a"}`), wide, harness.Text("3", `{"id":3,"v":"c"}`))
	harness.Same(t, []row{order(1, "a"), order(3, "c")}, p.Rows(t, "orders", ""), "id")
	// The rows behind it may be there before the dead letter is.
	harness.Poll(t, 20*time.Second, "the record of offset 1 among the dead letters, as it was", func() bool {
		deadLetters := c.ReadTopic(t, c.Prefix+"orders-dlq")
		return len(deadLetters) == 1 && headers(deadLetters[0])["tidemark.offset"] == "1" && string(deadLetters[0].Value) == *wide.Value
	})
}

func TestMissingSourceTopicIsWaitedFor(t *testing.T) {
	t.Parallel()
	c := harness.NewCluster(t)
	topic := c.Prefix + "late"
	table := harness.Table("orders", topic, "debezium-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("v", "string"))
	p := harness.New(t, c, harness.Config{Tables: []m{table}})
	p.Start()
	harness.Poll(t, 20*time.Second, "a report that the topic is missing", func() bool { return says(p, "/readyz", 503, topic) })
	if err := c.Create(topic, 3, nil); err != nil {
		t.Fatal(err)
	}
	p.WaitReady()
	d := &harness.Debezium{Key: []string{"id"}}
	c.Produce(t, topic, d.Create(order(1, "a")))
	harness.Same(t, []row{order(1, "a")}, p.Rows(t, "orders", ""), "id")
}

// says reports whether an answer has the status and its body the text.
func says(p *harness.Process, path string, status int, text string) bool {
	a, err := p.Do("GET", path, "")
	return err == nil && a.Status == status && strings.Contains(string(a.Body), text)
}

func TestMorePartitionsAreRefusedAndReadsGoOn(t *testing.T) {
	t.Parallel()
	c, p, topic := orders(t)
	d := &harness.Debezium{Key: []string{"id"}}
	c.Produce(t, topic, d.Create(order(1, "a")))
	harness.Same(t, []row{order(1, "a")}, p.Rows(t, "orders", ""), "id")
	if _, err := c.Admin().CreatePartitions(context.Background(), 2, topic); err != nil {
		t.Fatal(err)
	}
	harness.Poll(t, 30*time.Second, "a report about the partitions", func() bool { return says(p, "/readyz", 503, "partitions") })
	rows, err := p.Page("orders", "")
	if err != nil {
		t.Fatal(err)
	}
	harness.Same(t, []row{order(1, "a")}, rows, "id")
}

func TestRecreatedTopicIsRefusedAndReadsGoOn(t *testing.T) {
	t.Parallel()
	c, p, topic := orders(t)
	d := &harness.Debezium{Key: []string{"id"}}
	c.Produce(t, topic, d.Create(order(1, "a")))
	harness.Same(t, []row{order(1, "a")}, p.Rows(t, "orders", ""), "id")
	if _, err := c.Admin().DeleteTopics(context.Background(), topic); err != nil {
		t.Fatal(err)
	}
	harness.Poll(t, 30*time.Second, "created again", func() bool { return c.Create(topic, 3, nil) == nil })
	harness.Poll(t, 30*time.Second, "a report about the topic", func() bool { return says(p, "/readyz", 503, topic) })
	rows, err := p.Page("orders", "")
	if err != nil {
		t.Fatal(err)
	}
	harness.Same(t, []row{order(1, "a")}, rows, "id")
}

func TestWrongPartitionerStopsThePartitionAndSaysSo(t *testing.T) {
	t.Parallel()
	c, p, topic := orders(t)
	d := &harness.Debezium{Key: []string{"id"}}
	c.Produce(t, topic, d.Create(order(1, "a")))
	for partition := range int32(3) {
		// One of the three is where murmur2 puts the key, two are not.
		c.Produce(t, topic, d.Create(order(9, "b")).In(partition))
	}
	harness.Poll(t, 30*time.Second, "a report about the partitioner", func() bool {
		return strings.Contains(p.Output(), "under the declared partitioner murmur2")
	})
	// Reads continue, and say that they do not hold all that the source has.
	harness.Poll(t, 30*time.Second, "lagging", func() bool {
		a, err := p.Do("GET", "/v1/tables/orders/rows/1", "")
		return err == nil && a.Status == 200 && strings.HasPrefix(a.Header.Get("Tidemark-Freshness"), "lagging")
	})
}

func TestReadsGoOnWhileTheBrokerIsAway(t *testing.T) {
	t.Parallel()
	if os.Getenv(harness.KafkaVariable) != "" {
		t.Skipf("%s names a broker that others use too", harness.KafkaVariable)
	}
	dir := t.TempDir()
	b, err := broker.Start(t.Context(), broker.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	addr := b.Addrs()[0]
	c := harness.Connect(t, b.Addrs())
	topic := c.Topic(t, "shop.public.orders", 3)
	p := harness.Start(t, c, harness.Config{Tables: []m{harness.Table("orders", topic, "debezium-json", []string{"id"},
		harness.Col("id", "int64"), harness.Col("v", "string"))}})
	d := &harness.Debezium{Key: []string{"id"}}
	c.Produce(t, topic, d.Create(order(1, "a")))
	harness.Same(t, []row{order(1, "a")}, p.Rows(t, "orders", ""), "id")
	b.Close()
	harness.Poll(t, 30*time.Second, "a report that the broker is away", func() bool {
		a, err := p.Do("GET", "/v1/tables/orders/rows/1", "")
		return err == nil && a.Status == 200 && strings.HasPrefix(a.Header.Get("Tidemark-Freshness"), "disconnected")
	})
	if b, err = broker.Start(t.Context(), broker.Options{Dir: dir, Addr: addr}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	c.Produce(t, topic, d.Update(order(1, "b")))
	harness.Same(t, []row{order(1, "b")}, p.Rows(t, "orders", ""), "id")
	if p.Exited() {
		t.Error("the process ended")
	}
}

func TestDamagedLocalFilesAreSetAsideAndRebuilt(t *testing.T) {
	t.Parallel()
	c, p, topic := orders(t)
	d := &harness.Debezium{Key: []string{"id"}}
	var want []row
	for id := range 200 {
		c.Produce(t, topic, d.Create(order(id, "a")))
		want = append(want, order(id, "a"))
	}
	p.Batch(t, "orders")
	p.Get(t, "/v1/tables/orders/batches/1.parquet")
	p.Stop()
	damaged := 0
	err := filepath.Walk(filepath.Join(p.Dir, "data"), func(path string, f os.FileInfo, err error) error {
		ext := filepath.Ext(path)
		if err != nil || f.IsDir() || (ext != ".ldb" && ext != ".log" && ext != ".parquet") || f.Size() < 64 {
			return err
		}
		damaged++
		return damage(path, f.Size())
	})
	if err != nil {
		t.Fatal(err)
	}
	if damaged == 0 {
		t.Fatal("there was no file to damage")
	}
	p.Start()
	p.WaitReady()
	harness.Same(t, want, p.Rows(t, "orders", ""), "id")
	p.Batch(t, "orders")
	harness.Same(t, want, p.Rows(t, "orders", ""), "id")
}

// damage turns over the middle third of a file.
func damage(path string, size int64) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for i := size / 3; i < size*2/3; i++ {
		b[i] ^= 0xff
	}
	return os.WriteFile(path, b, 0o600)
}

func TestDataDirectoryThatCannotBeUsedIsNamed(t *testing.T) {
	t.Parallel()
	c := harness.NewCluster(t)
	topic := c.Topic(t, "shop.public.orders", 3)
	p := harness.New(t, c, harness.Config{Tables: []m{harness.Table("orders", topic, "debezium-json", []string{"id"},
		harness.Col("id", "int64"), harness.Col("v", "string"))}})
	data := filepath.Join(p.Dir, "data")
	if err := os.WriteFile(data, []byte("a file, not a directory"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Start()
	harness.Poll(t, 20*time.Second, "a report about the directory", func() bool { return strings.Contains(p.Output(), data) })
}
