package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestKafkaKeepsDataOverKillAndRestart(t *testing.T) {
	NeedReal(t)
	kafka := KafkaFor(t, Options{Settings: map[string]string{"message.max.bytes": "20000"}})
	addr := kafka.Addr
	client := newClient(t, kafka, kgo.ConsumeTopics("events"), kgo.AllowAutoTopicCreation(), kgo.ProducerBatchCompression(kgo.NoCompression()))
	produce(t, client, "events", "before")

	logRSS(t, "kafka", kafka.Brokers[0].PID())
	kafka.Kill()
	restart(t, "kafka after SIGKILL", kafka.Restart)
	if kafka.Addr != addr {
		t.Fatalf("the address went from %s to %s", addr, kafka.Addr)
	}
	produce(t, client, "events", "after")
	if err := kafka.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	restart(t, "kafka after a clean stop", kafka.Restart)

	var got []string
	for _, r := range consume(t, client, 2) {
		got = append(got, string(r.Value))
	}
	if want := "before after"; strings.Join(got, " ") != want {
		t.Errorf("consumed %q, want %q", got, want)
	}
	err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "events", Value: make([]byte, 30000)}).FirstErr()
	if err == nil || !strings.Contains(err.Error(), "MESSAGE_TOO_LARGE") {
		t.Errorf("a record over message.max.bytes: %v, want MESSAGE_TOO_LARGE", err)
	}
}

func TestThreeBrokersSurviveTheLeader(t *testing.T) {
	NeedReal(t)
	kafka := Kafka3For(t, Options{})
	client := newClient(t, kafka, kgo.ConsumeTopics("events"))
	admin := kadm.NewClient(client)
	if _, err := admin.CreateTopic(t.Context(), 1, 3, nil, "events"); err != nil {
		t.Fatal(err)
	}
	produce(t, client, "events", "one")
	leader := leaderOf(t, admin, kafka, "events")
	logRSS(t, "one of three", leader.PID())

	leader.Kill()
	began := time.Now()
	produce(t, client, "events", "two")
	t.Logf("the leader's death stopped producing for %v", time.Since(began).Round(time.Millisecond))
	if next := leaderOf(t, admin, kafka, "events"); next == leader {
		t.Errorf("node %d leads after its death", next.Node)
	}
	restart(t, "a killed broker of three", leader.Restart)
	if got := consume(t, client, 2); string(got[0].Value) != "one" || string(got[1].Value) != "two" {
		t.Errorf("consumed %s, %s", got[0].Value, got[1].Value)
	}
}

func TestPostgresKeepsDataOverKillAndRestart(t *testing.T) {
	NeedReal(t)
	db := PostgresFor(t, Options{Settings: map[string]string{"max_connections": "30"}})
	execSQL(t, db, "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
	db.Kill()
	restart(t, "postgres after a crash", db.Restart)
	execSQL(t, db, "DO $$ BEGIN ASSERT (SELECT count(*) FROM t) = 1; ASSERT current_setting('max_connections') = '30'; END $$")
	if err := db.slotActive(t.Context(), "none"); err == nil {
		t.Error("a slot that is not there counts as active")
	}
}

func TestChangesReachKafkaThroughDebezium(t *testing.T) {
	NeedReal(t)
	kafka, db := KafkaFor(t, Options{}), PostgresFor(t, Options{})
	worker := ConnectFor(t, kafka.Addr, Options{})
	execSQL(t, db, "CREATE TABLE orders (id bigint PRIMARY KEY, status text); INSERT INTO orders VALUES (1, 'new')")

	config := db.Debezium("shop", "public.orders")
	config["value.converter.schemas.enable"] = "false"
	config["value.converter"] = "org.apache.kafka.connect.json.JsonConverter"
	if err := worker.Create(t.Context(), "shop", config); err != nil {
		t.Fatal(err)
	}
	waitConnector(t, worker, db)
	client := newClient(t, kafka, kgo.ConsumeTopics("shop.public.orders"))
	wantEvents(t, client, "1:new")
	execSQL(t, db, "INSERT INTO orders VALUES (2, 'new'); UPDATE orders SET status = 'paid' WHERE id = 2")
	wantEvents(t, client, "2:new", "2:paid")

	topics, err := kadm.NewClient(client).ListTopics(t.Context(), "shop.public.orders")
	if err != nil || len(topics["shop.public.orders"].Partitions) != 8 {
		t.Errorf("the topic has %d partitions, want 8 (%v)", len(topics["shop.public.orders"].Partitions), err)
	}
	logRSS(t, "connect", worker.PID())
	logRSS(t, "postgres", db.PID())

	worker.Kill()
	execSQL(t, db, "INSERT INTO orders VALUES (3, 'while away')")
	restart(t, "connect after SIGKILL", worker.Restart)
	waitConnector(t, worker, db)
	wantEvents(t, client, "3:while away")
	if err := worker.Delete(t.Context(), "shop"); err != nil {
		t.Fatal(err)
	}
	if _, err := worker.Status(t.Context(), "shop"); err == nil {
		t.Error("a deleted connector has a status")
	}
}

func TestBadConnectorIsRefusedWithTheReason(t *testing.T) {
	NeedReal(t)
	kafka, db := KafkaFor(t, Options{}), PostgresFor(t, Options{})
	worker := ConnectFor(t, kafka.Addr, Options{})
	config := db.Debezium("shop", "public.orders")
	config["snapshot.mode"] = "never-heard-of"
	if err := worker.Create(t.Context(), "shop", config); err == nil || !strings.Contains(err.Error(), "snapshot.mode") {
		t.Errorf("Create: %v, want it to name snapshot.mode", err)
	}
}

// wantEvents reads until every wanted "id:status" was seen. Others may come between them, and a row may come
// with any op: a worker that was killed sends events again, from a new snapshot when it had written no offset.
func wantEvents(t *testing.T, client *kgo.Client, want ...string) {
	t.Helper()
	missing := map[string]bool{}
	for _, w := range want {
		missing[w] = true
	}
	for len(missing) > 0 {
		for _, r := range consume(t, client, 1) {
			var e struct {
				After struct {
					ID     int64
					Status string
				}
			}
			if err := json.Unmarshal(r.Value, &e); err != nil {
				t.Fatalf("event %s: %v", r.Value, err)
			}
			delete(missing, strconv.FormatInt(e.After.ID, 10)+":"+e.After.Status)
		}
	}
}

func waitConnector(t *testing.T, worker *Connect, db *Postgres) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := worker.WaitConnector(ctx, "shop", db, Slot("shop")); err != nil {
		t.Fatal(err)
	}
}

func newClient(t *testing.T, kafka *Kafka, more ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(more,
		kgo.SeedBrokers(strings.Split(kafka.Addr, ",")...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func produce(t *testing.T, client *kgo.Client, topic, value string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := client.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte(value)}).FirstErr(); err != nil {
		t.Fatalf("produce %q: %v", value, err)
	}
}

func consume(t *testing.T, client *kgo.Client, count int) []*kgo.Record {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var records []*kgo.Record
	for len(records) < count {
		fetches := client.PollRecords(ctx, count-len(records))
		if ctx.Err() != nil {
			t.Fatalf("consumed %d records of %d", len(records), count)
		}
		records = append(records, fetches.Records()...)
	}
	return records
}

func leaderOf(t *testing.T, admin *kadm.Client, kafka *Kafka, topic string) *Broker {
	t.Helper()
	topics, err := admin.ListTopics(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	leader := topics[topic].Partitions[0].Leader
	for _, b := range kafka.Brokers {
		if b.Node == leader {
			return b
		}
	}
	t.Fatal(fmt.Errorf("no broker is node %d", leader))
	return nil
}

func execSQL(t *testing.T, db *Postgres, sql string) {
	t.Helper()
	if err := db.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func restart(t *testing.T, what string, f func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	began := time.Now()
	if err := f(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: back after %v", what, time.Since(began).Round(time.Millisecond))
}

func logRSS(t *testing.T, what string, pid int) {
	t.Helper()
	rss, err := RSS(pid)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s uses %d MiB", what, rss>>20)
}
