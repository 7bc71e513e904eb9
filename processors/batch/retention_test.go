package batch

import (
	"fmt"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

func TestExpired(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	complete := func(id uint64, age time.Duration) []wire.Manifest {
		started := now.Add(-age).UnixMicro()
		return []wire.Manifest{{Batch: id, Partitions: 2, Started: started}, {Batch: id, Partition: 1, Partitions: 2, Started: started}}
	}
	partial := func(id uint64, age time.Duration) []wire.Manifest { return complete(id, age)[:1] }
	h := time.Hour
	tests := []struct {
		name   string
		policy tables.BatchPolicy
		all    [][]wire.Manifest
		want   string
	}{
		{"by count", tables.BatchPolicy{KeepLast: 2}, [][]wire.Manifest{complete(1, 3*h), complete(2, 2*h), complete(3, h)}, "map[1:2]"},
		{"the young ones stay", tables.BatchPolicy{KeepLast: 1, KeepFor: 150 * time.Minute}, [][]wire.Manifest{complete(1, 3*h), complete(2, 2*h), complete(3, h)}, "map[1:2]"},
		{"the newest complete one always stays", tables.BatchPolicy{}, [][]wire.Manifest{complete(1, 100*h)}, "map[]"},
		{"also behind incomplete ones", tables.BatchPolicy{KeepLast: 1}, [][]wire.Manifest{complete(1, 100*h), partial(2, 50*h), partial(3, h)}, "map[]"},
		{"an abandoned one goes", tables.BatchPolicy{KeepLast: 1}, [][]wire.Manifest{complete(1, 3*h), partial(2, 2*h), complete(3, h)}, "map[1:2 2:1]"},
		{"one on its way stays", tables.BatchPolicy{KeepLast: 2}, [][]wire.Manifest{complete(1, 3*h), partial(2, time.Minute), complete(3, time.Second)}, "map[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all := map[uint64][]wire.Manifest{}
			for _, ms := range tt.all {
				all[ms[0].Batch] = ms
			}
			got := map[uint64]int{}
			for _, m := range expired(all, tt.policy, now) {
				got[m.Batch]++
			}
			if fmt.Sprint(got) != tt.want {
				t.Errorf("expired manifests by batch: %v, want %s", got, tt.want)
			}
		})
	}
}
