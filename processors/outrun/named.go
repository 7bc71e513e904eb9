package outrun

import (
	"sync"
	"sync/atomic"

	"github.com/tidemark/tidemark/codecs/wire"
)

// maxNamed bounds the keys of a partition that are kept from one look of its owner to the next:
// more are named again in a later round of the view.
const maxNamed = 4096

// Named are keys that views have named, by the partition that has the latest change.
type Named struct {
	kept atomic.Bool // no row is given up while it is set
	mu   sync.Mutex
	keys map[int32][]wire.DuplicateKey
}

// KeepRows says whether rows are given up: not while a generation is filled from another one,
// in neither of them. Who counts what becomes of the rows then counts each once.
func (o *Named) KeepRows(all bool) { o.kept.Store(all) }

// Add takes keys that several partitions have something of, where the partition with the
// latest change is ours. It does not wait.
func (o *Named) Add(all []wire.DuplicateKey, ours func(partition int32) bool) {
	for i := range all {
		at := all[i].Partition
		if !ours(at) {
			continue
		}
		o.mu.Lock()
		if o.keys == nil {
			o.keys = map[int32][]wire.DuplicateKey{}
		}
		if len(o.keys[at]) < maxNamed {
			o.keys[at] = append(o.keys[at], all[i])
		}
		o.mu.Unlock()
	}
}

// Waiting reports whether keys of a partition have been named.
func (o *Named) Waiting(partition int32) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.keys[partition]) > 0
}

func (o *Named) take(partition int32) []wire.DuplicateKey {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.keys[partition]
	delete(o.keys, partition)
	return all
}
