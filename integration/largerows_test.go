package integration

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// TestLargeRows takes rows of 5 and 20 MB through everything that holds rows: both ways of a source's
// records, the changelog, a batch and its file, a restart, and local files that are gone.
func TestLargeRows(t *testing.T) {
	t.Parallel()
	for _, partitioner := range []string{"murmur2", "any"} {
		t.Run(partitioner, func(t *testing.T) {
			t.Parallel()
			c := harness.NewCluster(t)
			topic := largeTopic(t, c)
			table := harness.Table("orders", topic, "debezium-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("v", "string"))
			table["source"].(m)["partitioner"] = partitioner
			table["document"] = "keep"
			p := harness.Start(t, c, harness.Config{Tables: []m{table}})
			d := &harness.Debezium{Key: []string{"id"}}
			want := []row{order(1, "small"), order(2, strings.Repeat("five", 5<<18)), order(3, strings.Repeat("twenty ", 3<<20))}
			for i := range want {
				c.Produce(t, topic, d.Create(want[i]))
			}
			large := func(when string) {
				t.Helper()
				p.CaughtUp(t, "orders")
				for i := range want {
					var got row
					a := p.Expect(t, 200, "GET", fmt.Sprintf("/v1/tables/orders/rows/%d", i+1), "")
					if err := harness.Decode(a.Body, &got); err != nil {
						t.Fatal(err)
					}
					if v, _ := got["v"].(string); v != want[i]["v"] {
						t.Fatalf("%s: row %d has %d bytes, want %d", when, i+1, len(v), len(want[i]["v"].(string)))
					}
				}
				if n := len(c.ReadTopic(t, c.Prefix+"orders-dlq")); n != 0 {
					t.Fatalf("%s: %d dead letters", when, n)
				}
			}
			large("as it came")
			p.Batch(t, "orders")
			large("with a batch")
			p.Kill()
			p.Start()
			p.WaitReady()
			large("after a restart")
			p.Kill()
			p.WipeData()
			p.Start()
			p.WaitReady()
			large("from the topics alone")
			p.Batch(t, "orders")
		})
	}
}

// TestRowOverTheDeclaredLimit shows that a row beyond limits.row_bytes never leaves its older value
// to look current without a word: it is a dead letter that names its size, and batches continue.
func TestRowOverTheDeclaredLimit(t *testing.T) {
	t.Parallel()
	c := harness.NewCluster(t)
	topic := largeTopic(t, c)
	table := harness.Table("orders", topic, "debezium-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("v", "string"))
	p := harness.Start(t, c, harness.Config{Tables: []m{table}, Extra: m{"limits": m{"row_bytes": "1MiB"}}})
	d := &harness.Debezium{Key: []string{"id"}}
	c.Produce(t, topic, d.Create(order(1, "a")))
	c.Produce(t, topic, d.Update(order(1, strings.Repeat("x", 1<<20))))
	c.Produce(t, topic, d.Create(order(2, strings.Repeat("y", 1<<20-1000))))
	harness.Poll(t, 20*time.Second, "a dead letter with the size of the row", func() bool {
		deadLetters := c.ReadTopic(t, c.Prefix+"orders-dlq")
		return len(deadLetters) == 1 && strings.Contains(headers(deadLetters[0])["tidemark.error"], "limits.row_bytes is 1048576")
	})
	p.CaughtUp(t, "orders")
	p.Batch(t, "orders")
	p.Expect(t, 200, "GET", "/v1/tables/orders/rows/2", "")
}

// largeTopic makes a source topic that takes records of 90 MB.
func largeTopic(t *testing.T, c *harness.Cluster) string {
	t.Helper()
	name, limit := c.Prefix+"source", "90000000"
	if err := c.Create(name, 2, map[string]*string{"max.message.bytes": &limit}); err != nil {
		t.Fatal(err)
	}
	return name
}
