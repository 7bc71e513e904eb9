package processors

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// newPlacedWorld is one whose source puts its records anywhere.
func newPlacedWorld(t *testing.T, partitions int32) *world {
	w := newWorld(t, partitions)
	w.table.Source.Partitioner = tables.PartitionAny
	return w
}

// placed waits until everything that the source has is processed.
func (w *world) placed(all ...*instance) {
	w.t.Helper()
	until(w.t, "all of the source placed", func() bool {
		ends, err := kafka.EndOffsets(w.t.Context(), w.client, sourceTopic)
		if err != nil {
			w.t.Fatal(err)
		}
		reached := map[int32]int64{}
		for _, i := range all {
			for _, s := range i.Status().Placed {
				reached[s.Partition] = max(reached[s.Partition], s.Source)
			}
		}
		for p, end := range ends {
			if reached[int32(p)] < end {
				return false
			}
		}
		return true
	})
}

// settles waits until the changelog holds these rows.
func (w *world) settles(want map[int64]string) {
	w.t.Helper()
	var got map[int64]string
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(deadline) {
		if got = w.changelog(); maps.Equal(got, want) {
			return
		}
		<-tick.C
	}
	for k, v := range want {
		if got[k] != v {
			w.t.Errorf("row %d is %q, want %q", k, got[k], v)
		}
	}
	w.t.Fatalf("%d rows, want %d", len(got), len(want))
}

// anywhere puts records into partitions of their own choice, key by key in one.
func anywhere(dice *rand.Rand, partitions int32, recs ...*kgo.Record) []*kgo.Record {
	for _, r := range recs {
		r.Topic, r.Partition = sourceTopic, dice.Int32N(partitions)
	}
	return recs
}

func TestAnyPartitionerGivesEveryRowOneHome(t *testing.T) {
	w := newPlacedWorld(t, 4)
	i := w.start(t.TempDir())
	dice := rand.New(rand.NewPCG(1, 2))
	want := map[int64]string{}
	for id := range 200 {
		w.produceRaw(anywhere(dice, 4, upsert(id, "first"))...)
		want[int64(id)] = "first"
	}
	w.placed(i)
	for id := range 200 {
		switch id % 4 {
		case 0:
			w.produceRaw(anywhere(dice, 4, remove(id))...)
			delete(want, int64(id))
		case 1:
			w.produceRaw(anywhere(dice, 4, upsert(id, fmt.Sprint("second ", id)))...)
			want[int64(id)] = fmt.Sprint("second ", id)
		}
	}
	w.placed(i)
	w.settles(want)
	homes := map[string]int32{}
	for _, r := range w.read(w.names.Table) {
		if home, ok := homes[string(r.Key)]; ok && home != r.Partition {
			t.Fatalf("key %x lives in partitions %d and %d", r.Key, home, r.Partition)
		}
		homes[string(r.Key)] = r.Partition
	}
}
