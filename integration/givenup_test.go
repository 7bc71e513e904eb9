package integration

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// TestRowsUnderOldBytesAreGivenUp has the bytes of all keys change, and with them most keys'
// partitions: the rows under the old bytes are given up while two processes share the
// partitions. Who follows the table sees nothing of it; batches are proven again, and whoever
// begins without files has the database's rows.
func TestRowsUnderOldBytesAreGivenUp(t *testing.T) {
	c := harness.NewCluster(t)
	topic := c.Topic(t, "shop.public.orders", 4)
	table := harness.Table("orders", topic, "debezium-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("v", "int64"))
	cfg := harness.Config{Tables: []m{table}}
	all := []*harness.Process{harness.New(t, c, cfg), harness.New(t, c, cfg)}
	for _, p := range all {
		p.Start()
	}
	for _, p := range all {
		p.WaitReady()
	}
	const keys = 60
	d := &harness.Debezium{Key: []string{"id"}}
	for id := range keys {
		c.Produce(t, topic, d.Create(m{"id": id, "v": 1}))
	}
	all[0].Batch(t, "orders")
	f := &harness.Follower{}
	resume(t, all[0], f, keys)

	want := map[int]int{}
	told := 0
	for id := range keys {
		switch told++; id % 3 {
		case 0:
			c.Produce(t, topic, respelled(d.Delete(m{"id": id, "v": 1})...)...)
			continue
		case 1:
			c.Produce(t, topic, respelled(d.Update(m{"id": id, "v": 2}))...)
			want[id] = 2
		default:
			want[id] = 1
			told--
		}
	}
	for _, p := range all {
		p.CaughtUp(t, "orders")
	}
	moved := 0
	homes := map[string]map[int32]bool{}
	for _, r := range c.ReadTopic(t, c.Prefix+"orders-table") {
		if homes[string(r.Key)] == nil {
			homes[string(r.Key)] = map[int32]bool{}
		}
		if homes[string(r.Key)][r.Partition] = true; len(homes[string(r.Key)]) == 2 {
			moved++
		}
	}
	if moved < 10 {
		t.Fatalf("%d keys are in two partitions", moved)
	}
	for _, p := range all {
		harness.Poll(t, 60*time.Second, "no key to be in several partitions", func() bool {
			return counted(t, p, "tidemark_view_doubled_keys") == 0
		})
	}
	given := 0
	for _, p := range all {
		given += counted(t, p, "tidemark_processor_given_up_rows_total")
	}
	if given < 10 {
		t.Errorf("%d rows were given up", given)
	}
	check := func(what string, p *harness.Process) {
		t.Helper()
		var rows []harness.Row
		for id, v := range want {
			rows = append(rows, harness.Row{"id": json.Number(strconv.Itoa(id)), "v": json.Number(strconv.Itoa(v))})
		}
		if diff := harness.Differences(rows, p.Rows(t, "orders", ""), "id"); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	c.Produce(t, topic, d.Create(m{"id": keys, "v": 1})) // behind all that
	want[keys] = 1
	for _, p := range all {
		check("given up", p)
	}
	resume(t, all[0], f, told+1)
	if f.Events != keys+told+1 || f.Resets != 0 || len(f.Rows) != len(want) {
		t.Errorf("who follows was told of %d events and has %d rows, want %d and %d", f.Events, len(f.Rows), keys+told+1, len(want))
	}
	all[0].Batch(t, "orders")
	for i, p := range all {
		harness.Poll(t, 30*time.Second, "both batches to be sealed", func() bool { return batches(t, p)["sealed"] == 2 })
		if got := batches(t, p); got["unproven"] != 0 || got["mismatch"] != 0 {
			t.Errorf("process %d has sealed batches as %v", i, got)
		}
		p.Kill()
		p.WipeData()
	}
	for _, p := range all {
		p.Start()
	}
	for _, p := range all {
		p.WaitReady()
		check("without files", p)
		if n := counted(t, p, "tidemark_view_doubled_keys"); n != 0 {
			t.Errorf("%d keys are in several partitions", n)
		}
	}
}

// respelled are events whose keys are the same in other bytes.
func respelled(events ...harness.Event) []harness.Event {
	for i := range events {
		key := strings.Replace(*events[i].Key, ":", ": ", 1)
		events[i].Key = &key
	}
	return events
}

// batches is how many batches a view has dealt with, by the result.
func batches(t *testing.T, p *harness.Process) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, line := range strings.Split(string(p.Get(t, "/metrics").Body), "\n") {
		var n int
		name, value, _ := strings.Cut(line, "} ")
		if _, err := fmt.Sscan(value, &n); err != nil || !strings.HasPrefix(name, "tidemark_view_batches_total{") {
			continue
		}
		_, result, _ := strings.Cut(name, `result="`)
		result, _, _ = strings.Cut(result, `"`)
		out[result] += n
	}
	return out
}
