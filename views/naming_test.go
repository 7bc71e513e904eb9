package views_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
)

// names is what a view names, by key.
type names struct {
	mu  sync.Mutex
	all map[string]string
	n   int
}

func (n *names) take(all []wire.DuplicateKey) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, d := range all {
		n.all[string(d.Key)] = fmt.Sprint(d.Partition, d.Deletion, d.Losing)
		n.n++
	}
}

func (n *names) of(id int64) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all[string(key(id))]
}

// TestKeysInSeveralPartitionsAreNamed holds that a view names them, with who has the latest
// change and who is behind, until the rows that are behind are given up.
func TestKeysInSeveralPartitionsAreNamed(t *testing.T) {
	w := newDuplicatesWorld(t, 3)
	told := &names{all: map[string]string{}}
	v := w.view(t.TempDir(), func(o *views.Options) { o.Outrun, o.OutrunEvery = told.take, time.Millisecond }).ready()
	w.write(0, change{id: 1, status: "old", at: 1000})
	w.write(2, change{id: 1, status: "new", at: 2000})
	w.write(1, change{id: 2, status: "old", at: 1100})
	w.write(0, change{id: 2, at: 2100})
	w.write(1, change{id: 3, status: "hidden", hidden: true, at: 1200})
	w.write(0, change{id: 3, status: "new", at: 2200})
	w.write(1, change{id: 4, status: "alone", at: 1300})
	for id, want := range map[int64]string{1: "2 false [0]", 2: "0 true [1]", 3: "0 false [1]"} {
		await(t, fmt.Sprintf("key %d to be named %s", id, want), func() bool { return told.of(id) == want })
	}
	if got := told.of(4); got != "" {
		t.Errorf("a key of one partition is named %q", got)
	}
	w.giveUp(0, 1, change{at: 2000}, 2)
	w.giveUp(1, 2, change{at: 2100}, 0)
	w.giveUp(1, 3, change{at: 2200}, 0)
	w.shows(v, "given up", map[int64]string{1: "new 2000", 3: "new 2200", 4: "alone 1300"})
	// What gives a row up moves no position of the source that could be waited for.
	await(t, "no key to be in several partitions", func() bool { return v.metric("tidemark_view_doubled_keys") == 0 })
	w.write(1, change{id: 1, status: "newest", at: 3000})
	await(t, "a key to be named again", func() bool { return told.of(1) == "1 false [2]" })
}

// TestNamingIsBounded has more keys than a round names, and a view that nobody answers.
func TestNamingIsBounded(t *testing.T) {
	w := newDuplicatesWorld(t, 2)
	most, told := 0, &names{all: map[string]string{}}
	w.view(t.TempDir(), func(o *views.Options) {
		o.OutrunEvery = time.Millisecond
		o.Outrun = func(all []wire.DuplicateKey) {
			told.take(all)
			told.mu.Lock()
			defer told.mu.Unlock()
			most = max(most, len(all))
		}
	}).ready()
	const keys = 1500
	w.writeDuplicates(keys)
	await(t, "all keys to be named", func() bool {
		told.mu.Lock()
		defer told.mu.Unlock()
		return len(told.all) == keys
	})
	told.mu.Lock()
	defer told.mu.Unlock()
	if most > 1000 {
		t.Errorf("%d keys are named at once", most)
	}
}

// writeDuplicates writes many keys to two partitions each.
func (w *duplicatesWorld) writeDuplicates(keys int64) {
	w.t.Helper()
	for p := range int32(2) {
		var recs []*kgo.Record
		for id := range keys {
			recs = append(recs, &kgo.Record{
				Topic: w.names.Table, Partition: p, Key: []byte(key(id)), Headers: stamp(id),
				Value: wire.AppendStateRow(nil, wire.Fingerprint(w.table), &tables.Row{
					Values: []tables.Value{tables.Int64Value(id), tables.StringValue("x"), tables.Int64Value(0)}, Offset: id,
					Source: tables.SourcePosition{Kind: tables.SourceMySQL, Epoch: 7, Minor: uint64(p)*5000 + uint64(id) + 1}, Time: 5, Logged: 5000,
				}),
			})
		}
		w.produce(recs...)
	}
}
