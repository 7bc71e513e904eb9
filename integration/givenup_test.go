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
	r := newRespelling(t)
	r.respell()
	r.givenUp()
	r.unseen()
	r.proven()
	r.withoutFiles()
}

// respelling is a table whose keys get other bytes while somebody follows it.
type respelling struct {
	t         *testing.T
	cluster   *harness.Cluster
	topic     string
	source    *harness.Debezium
	processes []*harness.Process
	follower  *harness.Follower
	reported  int         // events that the follower is to be notified of, behind the first rows
	want      map[int]int // the database's rows
}

const respelledKeys = 60

func newRespelling(t *testing.T) *respelling {
	c := harness.NewCluster(t)
	topic := c.Topic(t, "shop.public.orders", 4)
	table := harness.Table("orders", topic, "debezium-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("v", "int64"))
	cfg := harness.Config{Tables: []m{table}}
	r := &respelling{
		t: t, cluster: c, topic: topic, source: &harness.Debezium{Key: []string{"id"}},
		processes: []*harness.Process{harness.New(t, c, cfg), harness.New(t, c, cfg)},
		follower:  &harness.Follower{}, want: map[int]int{},
	}
	for _, p := range r.processes {
		p.Start()
	}
	for _, p := range r.processes {
		p.WaitReady()
	}
	for id := range respelledKeys {
		c.Produce(t, topic, r.source.Create(m{"id": id, "v": 1}))
	}
	r.processes[0].Batch(t, "orders")
	resume(t, r.processes[0], r.follower, respelledKeys)
	return r
}

// respell deletes a third of the keys under other bytes, updates a third, and leaves a third.
func (r *respelling) respell() {
	r.t.Helper()
	for id := range respelledKeys {
		switch r.reported++; id % 3 {
		case 0:
			r.cluster.Produce(r.t, r.topic, respelled(r.source.Delete(m{"id": id, "v": 1})...)...)
			continue
		case 1:
			r.cluster.Produce(r.t, r.topic, respelled(r.source.Update(m{"id": id, "v": 2}))...)
			r.want[id] = 2
		default:
			r.want[id] = 1
			r.reported--
		}
	}
	for _, p := range r.processes {
		p.CaughtUp(r.t, "orders")
	}
	if moved := r.moved(); moved < 10 {
		r.t.Fatalf("%d keys are in two partitions", moved)
	}
}

// moved is how many keys the changelog has in two partitions.
func (r *respelling) moved() (moved int) {
	r.t.Helper()
	homes := map[string]map[int32]bool{}
	for _, rec := range r.cluster.ReadTopic(r.t, r.cluster.Prefix+"orders-table") {
		if homes[string(rec.Key)] == nil {
			homes[string(rec.Key)] = map[int32]bool{}
		}
		if homes[string(rec.Key)][rec.Partition] = true; len(homes[string(rec.Key)]) == 2 {
			moved++
		}
	}
	return moved
}

// givenUp waits until no key is in several partitions, because rows were given up.
func (r *respelling) givenUp() {
	r.t.Helper()
	for _, p := range r.processes {
		harness.Poll(r.t, 60*time.Second, "no key to be in several partitions", func() bool {
			return counted(r.t, p, "tidemark_view_doubled_keys") == 0
		})
	}
	given := 0
	for _, p := range r.processes {
		given += counted(r.t, p, "tidemark_processor_given_up_rows_total")
	}
	if given < 10 {
		r.t.Errorf("%d rows were given up", given)
	}
}

// rows compares what a process has with the database.
func (r *respelling) rows(what string, p *harness.Process) {
	r.t.Helper()
	var rows []harness.Row
	for id, v := range r.want {
		rows = append(rows, harness.Row{"id": json.Number(strconv.Itoa(id)), "v": json.Number(strconv.Itoa(v))})
	}
	if diff := harness.Differences(rows, p.Rows(r.t, "orders", ""), "id"); diff != "" {
		r.t.Errorf("%s: %s", what, diff)
	}
}

// unseen has readers and who follows see the database's changes, and nothing else.
func (r *respelling) unseen() {
	r.t.Helper()
	r.cluster.Produce(r.t, r.topic, r.source.Create(m{"id": respelledKeys, "v": 1})) // behind all that
	r.want[respelledKeys] = 1
	for _, p := range r.processes {
		r.rows("given up", p)
	}
	f := r.follower
	resume(r.t, r.processes[0], f, r.reported+1)
	if f.Events != respelledKeys+r.reported+1 || f.Resets != 0 || len(f.Rows) != len(r.want) {
		r.t.Errorf("the follower got %d events and has %d rows, want %d and %d",
			f.Events, len(f.Rows), respelledKeys+r.reported+1, len(r.want))
	}
}

// proven has both batches sealed and proven by both processes.
func (r *respelling) proven() {
	r.t.Helper()
	r.processes[0].Batch(r.t, "orders")
	for i, p := range r.processes {
		harness.Poll(r.t, 30*time.Second, "both batches to be sealed", func() bool { return batches(r.t, p)["sealed"] == 2 })
		if got := batches(r.t, p); got["unproven"] != 0 || got["mismatch"] != 0 {
			r.t.Errorf("process %d has sealed batches as %v", i, got)
		}
		p.Kill()
		p.WipeData()
	}
}

// withoutFiles has the processes begin with nothing but the topics.
func (r *respelling) withoutFiles() {
	r.t.Helper()
	for _, p := range r.processes {
		p.Start()
	}
	for _, p := range r.processes {
		p.WaitReady()
		r.rows("without files", p)
		if n := counted(r.t, p, "tidemark_view_doubled_keys"); n != 0 {
			r.t.Errorf("%d keys are in several partitions", n)
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
