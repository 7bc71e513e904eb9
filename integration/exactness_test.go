package integration

import (
	"testing"

	"github.com/tidemark/tidemark/integration/harness"
)

// The usual hand-built recipe (a raw table, a deduplicating view, a deletes table,
// a scheduled copy and a UNION with an anti-join) gives a wrong answer in each of
// these six cases.

type (
	m   = harness.M
	row = harness.Row
)

// orders starts a process with one table of two columns on a topic of three partitions.
func orders(t *testing.T, more ...func(m)) (*harness.Cluster, *harness.Process, string) {
	t.Helper()
	c := harness.NewCluster(t)
	topic := c.Topic(t, "shop.public.orders", 3)
	table := harness.Table("orders", topic, "debezium-json", []string{"id"},
		harness.Col("id", "int64"), harness.Col("v", "string"))
	for _, f := range more {
		f(table)
	}
	return c, harness.Start(t, c, harness.Config{Tables: []m{table}}), topic
}

func order(id int, v string) m { return m{"id": id, "v": v} }

func TestDeletedAndInsertedAgainIsThere(t *testing.T) {
	t.Parallel()
	c, p, topic := orders(t)
	d := &harness.Debezium{Key: []string{"id"}}
	c.Produce(t, topic, d.Create(order(1, "a")))
	c.Produce(t, topic, d.Delete(order(1, "a"))...)
	c.Produce(t, topic, d.Create(order(1, "b")))
	p.Batch(t, "orders")
	harness.Same(t, []row{order(1, "b")}, p.Rows(t, "orders", ""), "id")
	c.Produce(t, topic, d.Delete(order(1, "b"))...)
	harness.Same(t, nil, p.Rows(t, "orders", ""), "id")
	c.Produce(t, topic, d.Create(order(1, "c")))
	harness.Same(t, []row{order(1, "c")}, p.Rows(t, "orders", ""), "id")
	p.Batch(t, "orders")
	harness.Same(t, []row{order(1, "c")}, p.Rows(t, "orders", ""), "id")
}

func TestTwoUpdatesInOneSecondAreOneRow(t *testing.T) {
	t.Parallel()
	c, p, topic := orders(t)
	d := &harness.Debezium{Key: []string{"id"}}
	events := []harness.Event{d.Create(order(1, "a")), d.Update(order(1, "b")), d.Update(order(1, "c"))}
	for i := range events {
		events[i].Timestamp = 1_700_000_000_000
	}
	c.Produce(t, topic, events...)
	harness.Same(t, []row{order(1, "c")}, p.Rows(t, "orders", ""), "id")
	p.Batch(t, "orders")
	harness.Same(t, []row{order(1, "c")}, p.Rows(t, "orders", ""), "id")
}

func TestFilterIsAppliedAfterTheMerge(t *testing.T) {
	t.Parallel()
	c, p, topic := orders(t)
	d := &harness.Debezium{Key: []string{"id"}}
	c.Produce(t, topic, d.Create(order(1, "open")), d.Create(order(2, "open")))
	p.Batch(t, "orders")
	c.Produce(t, topic, d.Update(order(1, "closed")))
	harness.Same(t, []row{order(2, "open")}, p.Rows(t, "orders", "v=eq.open"), "id")
	harness.Same(t, []row{order(1, "closed")}, p.Rows(t, "orders", "v=eq.closed"), "id")
	c.Produce(t, topic, d.Update(order(2, "x")), d.Update(order(2, "y")))
	harness.Same(t, nil, p.Rows(t, "orders", "v=eq.x"), "id")
	harness.Same(t, nil, p.Rows(t, "orders", "v=eq.open"), "id")
	harness.Same(t, []row{order(2, "y")}, p.Rows(t, "orders", "v=eq.y"), "id")
}

func TestIdleStreamDoesNotFreezeTheBoundary(t *testing.T) {
	t.Parallel()
	c, p, topic := orders(t)
	d := &harness.Debezium{Key: []string{"id"}}
	c.Produce(t, topic, d.Create(order(1, "a")))
	for range 3 {
		p.Batch(t, "orders")
	}
	harness.Same(t, []row{order(1, "a")}, p.Rows(t, "orders", ""), "id")
	c.Produce(t, topic, d.Create(order(2, "a")))
	p.Batch(t, "orders")
	harness.Same(t, []row{order(1, "a"), order(2, "a")}, p.Rows(t, "orders", ""), "id")
	harness.Same(t, []row{order(1, "a"), order(2, "a")}, p.Rows(t, "orders", "as_of=4"), "id")
}

func TestLateEventCountsByOffset(t *testing.T) {
	t.Parallel()
	c, p, topic := orders(t)
	d := &harness.Debezium{Key: []string{"id"}}
	first := d.Create(order(1, "a"))
	first.Timestamp = 1_700_000_060_000
	c.Produce(t, topic, first)
	p.Batch(t, "orders")
	late, other := d.Update(order(1, "late")), d.Create(order(3, "late"))
	late.Timestamp, other.Timestamp = 1_700_000_000_000, 1_699_999_995_000
	c.Produce(t, topic, late, other)
	want := []row{order(1, "late"), order(3, "late")}
	harness.Same(t, want, p.Rows(t, "orders", ""), "id")
	p.Batch(t, "orders")
	harness.Same(t, want, p.Rows(t, "orders", ""), "id")
}

func TestBatchTakenAgainChangesNothing(t *testing.T) {
	t.Parallel()
	c, p, topic := orders(t)
	d := &harness.Debezium{Key: []string{"id"}}
	var want []row
	for id := range 60 {
		c.Produce(t, topic, d.Create(order(id, "a")))
		if id%2 == 1 {
			want = append(want, order(id, "a"))
		}
	}
	p.Batch(t, "orders")
	for id := 0; id < 60; id += 2 {
		c.Produce(t, topic, d.Delete(order(id, "a"))...)
	}
	p.Batch(t, "orders")
	p.Batch(t, "orders")
	harness.Same(t, want, p.Rows(t, "orders", ""), "id")
	p.Kill()
	p.Start()
	p.WaitReady()
	harness.Same(t, want, p.Rows(t, "orders", ""), "id")
	p.Batch(t, "orders")
	p.Kill()
	p.WipeData()
	p.Start()
	p.WaitReady()
	harness.Same(t, want, p.Rows(t, "orders", ""), "id")
}
