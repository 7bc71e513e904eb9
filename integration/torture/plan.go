package torture

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// plan is what the dice say of a round.
type plan struct {
	seed        uint64
	kind        kind
	partitions  int32
	partitioner string
	format      string
	keys        int
	processes   int // with both roles; one more serves only views where the kind wants it
	document    bool
	where       bool
	sorted      bool
	rollup      bool
	rate        int // events a second
	length      time.Duration
}

// kind is which faults a round has.
type kind string

const (
	processes    kind = "processes"    // killed, stopped, paused; directories wiped
	transactions kind = "transactions" // committed, aborted, left open; and processes
	compaction   kind = "compaction"   // a log cleaner that runs all the time; views that fall behind
	replays      kind = "replays"      // and batches on demand
	brokers      kind = "brokers"      // killed and paused
)

func draw(seed uint64, kinds []kind) plan {
	d := rand.New(rand.NewPCG(seed, 1))
	p := plan{
		seed: seed, kind: kinds[int(seed)%len(kinds)],
		partitions: []int32{1, 4, 8}[d.IntN(3)], partitioner: []string{"murmur2", "crc32", "any"}[d.IntN(3)],
		format: []string{"upsert-json", "debezium-json"}[d.IntN(2)], keys: []int{100, 400, 1500}[d.IntN(3)],
		processes: 2, document: d.IntN(2) == 0, where: d.IntN(3) == 0, sorted: d.IntN(2) == 0, rollup: d.IntN(2) == 0,
		rate: []int{100, 300, 600}[d.IntN(3)], length: time.Duration(12+d.IntN(8)) * time.Second,
	}
	if p.partitioner == "any" {
		p.format = "debezium-json" // only its events say where they are in the database's log
	}
	return p
}

func (p plan) String() string {
	return fmt.Sprintf("seed %d: %s, %d partitions by %s, %s, %d keys, document %v, where %v, sorted %v, rollup %v, %d events/s for %s",
		p.seed, p.kind, p.partitions, p.partitioner, p.format, p.keys, p.document, p.where, p.sorted, p.rollup, p.rate, p.length)
}

// hidden is the value of s that a round's condition leaves out.
const hidden = "hidden"

func (p plan) visible(r *row) bool { return !p.where || r.S != hidden }

// table declares the table of a round.
func (p plan) table(topic string) map[string]any {
	col := func(name, typ string) map[string]any { return map[string]any{"name": name, "type": typ} }
	t := map[string]any{
		"name":   "t",
		"source": map[string]any{"topic": topic, "format": p.format, "partitioner": p.partitioner},
		"key":    []string{"id"},
		"columns": []map[string]any{
			col("id", "int64"), col("v", "int64"), col("s", "string"), col("n", "int64"), col("pad", "string"),
		},
		"batch": map[string]any{"schedule": "@every 4s"},
	}
	if p.document {
		t["document"] = "keep"
	}
	if p.where {
		t["where"] = "s <> '" + hidden + "'"
	}
	if p.sorted {
		t["sort_key"] = []string{"s", "n"}
	}
	if p.rollup {
		t["rollups"] = []map[string]any{{"name": "by_s", "group_by": []string{"s"}, "measures": map[string]any{"c": "count()", "total": "sum(v)"}}}
	}
	return t
}
