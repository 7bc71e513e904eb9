package integration

import (
	"fmt"
	"testing"

	"github.com/tidemark/tidemark/integration/harness"
)

// TestATableMovesToATopicOfOtherKeyBytes declares another topic of the same database for a table, with a column more. The
// topics' keys have other bytes, with a schema and without, so rows are in other partitions: what the
// new topic says about a key counts in whichever partition it is, deletions too, and what it does not know is kept.
func TestATableMovesToATopicOfOtherKeyBytes(t *testing.T) {
	t.Parallel()
	const keys = 120
	c := harness.NewCluster(t)
	first, second := c.Topic(t, "shop.public.orders", 4), c.Topic(t, "schemas.public.orders", 4)
	table := func(topic string, columns ...m) harness.Config {
		return harness.Config{Tables: []m{harness.Table("goods", topic, "debezium-json", []string{"id"}, columns...)}}
	}
	narrow := []m{harness.Col("id", "int64"), harness.Col("v", "string")}
	p := harness.Start(t, c, table(first, narrow...))
	d := &harness.Debezium{Key: []string{"id"}}
	want := map[int]m{}
	withSchema := func(e harness.Event) harness.Event {
		key := fmt.Sprintf(`{"schema":{"type":"struct","fields":[{"type":"int64","optional":false,"field":"id"}],"optional":false,"name":"k"},"payload":%s}`, *e.Key)
		e.Key = &key
		return e
	}
	both := func(e harness.Event) { // one event of the database, written by both connectors
		c.Produce(t, first, e)
		c.Produce(t, second, withSchema(e))
	}
	for id := range keys {
		row := m{"id": id, "v": fmt.Sprint("v", id), "n": id * 2}
		both(d.Update(row))
		want[id] = row
	}
	for id := 0; id < keys; id += 3 {
		both(d.Delete(want[id])[0])
		delete(want, id)
	}
	old := m{"id": keys + 1, "v": "only in the first topic", "n": 1}
	c.Produce(t, first, d.Update(old))
	want[keys+1] = m{"id": keys + 1, "v": old["v"], "n": nil}
	p.CaughtUp(t, "goods")
	p.Batch(t, "goods")

	// What the first topic does not get is deleted in the second alone.
	c.Produce(t, second, withSchema(d.Delete(want[1])[0]))
	delete(want, 1)
	p.Stop()
	p.Reconfigure(table(second, append(narrow, harness.Col("n", "int64"))...))
	p.Start()
	agree(t, p, "goods")
	reached(t, p, 1)
	all := func(when string) {
		t.Helper()
		var rows []row
		for _, r := range want {
			rows = append(rows, r)
		}
		got := p.Rows(t, "goods", "")
		if diff := harness.Differences(rows, got, "id"); diff != "" {
			t.Fatalf("%s: %s", when, diff)
		}
	}
	all("built")
	p.Kill()
	p.Start()
	p.WaitReady()
	all("after a restart")
	p.Kill()
	p.WipeData()
	p.Start()
	p.WaitReady()
	all("from the topics alone")
}
