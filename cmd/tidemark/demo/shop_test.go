package demo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/demo"
	"github.com/tidemark/tidemark/cmd/tidemark/demo/load"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
)

// play runs the shop until its topics have at least so many records.
func play(t *testing.T, s kafka.Settings, least int64) {
	t.Helper()
	shop, err := demo.New(demo.Options{Kafka: s, Orders: 300, Customers: 150, Rate: 5000})
	if err != nil {
		t.Fatal(err)
	}
	defer shop.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- shop.Run(ctx) }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for count(t, s) < least {
		select {
		case err := <-done:
			t.Fatalf("the shop ended: %v", err)
		case <-tick.C:
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func count(t *testing.T, s kafka.Settings) (n int64) {
	t.Helper()
	c, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for topic := range demo.Topics() {
		ends, err := kafka.EndOffsets(t.Context(), c, topic)
		if err != nil {
			t.Fatal(err)
		}
		for _, end := range ends {
			n += end
		}
	}
	return n
}

// contents reads the first n records of each partition of both topics.
func contents(t *testing.T, s kafka.Settings) map[string][]string {
	t.Helper()
	total := count(t, s)
	c, err := s.Client(kgo.ConsumeTopics(demo.OrdersTopic, demo.CustomersTopic))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out := map[string][]string{}
	for n := int64(0); n < total; {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			n++
			at := fmt.Sprintf("%s/%d", r.Topic, r.Partition)
			out[at] = append(out[at], string(r.Key)+" "+string(r.Value))
		})
	}
	return out
}

func newBroker(t *testing.T) kafka.Settings {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Topics: demo.Topics()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return kafka.Settings{Brokers: b.Addrs()}
}

// TestStoppedShopGoesOnWhereItWas compares a shop that is stopped again and again with
// one that is not: every partition has the same records in the same order.
func TestStoppedShopGoesOnWhereItWas(t *testing.T) {
	often, once := newBroker(t), newBroker(t)
	for least := int64(100); least < 3000; least += 700 {
		play(t, often, least)
	}
	play(t, once, 3000)
	a, b := contents(t, often), contents(t, once)
	for at := range a {
		n := min(len(a[at]), len(b[at]))
		if diff := cmp.Diff(b[at][:n], a[at][:n]); diff != "" {
			t.Fatalf("%s differs (-once +often)\n%.2000s", at, diff)
		}
		if n < 100 {
			t.Errorf("only %d records of %s were compared", n, at)
		}
	}
}

// TestHalfAnEventIsCompleted takes away the newest records of one partition, as a
// kill between two acknowledgements does.
func TestHalfAnEventIsCompleted(t *testing.T) {
	whole, torn := newBroker(t), newBroker(t)
	play(t, whole, 1500)
	all := contents(t, whole)
	c, err := torn.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for at, records := range all {
		topic, partition, _ := strings.Cut(at, "/")
		if at == demo.OrdersTopic+"/1" {
			records = records[:len(records)/2]
		}
		for _, r := range records {
			key, value, _ := strings.Cut(r, " ")
			rec := &kgo.Record{Topic: topic, Partition: int32(partition[0] - '0'), Key: []byte(key)}
			if value != "" {
				rec.Value = []byte(value)
			}
			c.Produce(t.Context(), rec, nil)
		}
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	play(t, torn, count(t, whole)+100)
	got := contents(t, torn)
	for at, want := range all {
		if n := len(want); len(got[at]) < n || !slices.Equal(got[at][:n], want) {
			t.Errorf("%s: %d of %d records, or others", at, len(got[at]), n)
		}
	}
}

func TestConfigurationDeclaresTheTablesOfTheLoad(t *testing.T) {
	text := demo.Configuration(filepath.Join(t.TempDir(), `a "b" ${c}`), "127.0.0.1:0")
	c, err := config.Parse("tidemark.yaml", []byte(text), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(c.DataDir, `a "b" ${c}`) || !c.Kafka.Embedded {
		t.Errorf("the configuration is %+v", c)
	}
	orders, customers := load.Orders(demo.OrdersTopic), load.Customers(demo.CustomersTopic)
	if diff := cmp.Diff(orders.Columns, c.Table("orders").Columns); diff != "" {
		t.Errorf("orders: (-load +demo)\n%s", diff)
	}
	if diff := cmp.Diff(customers.Columns, c.Table("customers").Columns); diff != "" {
		t.Errorf("customers: (-load +demo)\n%s", diff)
	}
}

func TestOptionsThatAreNoShop(t *testing.T) {
	for _, o := range []demo.Options{{Orders: 10, Customers: 200, Rate: 1}, {Orders: 200, Customers: 200}, {Orders: 200, Customers: 200, Rate: 1e9}} {
		if o.Validate() == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}
