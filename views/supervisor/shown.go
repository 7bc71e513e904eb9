package supervisor

import (
	"sync"
	"sync/atomic"

	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/replica"
)

// shown is what readers see: one replica, or none yet.
type shown struct {
	current atomic.Pointer[replica.Replica]
	files   *batches.Files

	mu      sync.Mutex
	swapped chan struct{}                         // closed when they see another
	unfiled map[*replica.Replica][]batches.Filing // batches that replicas have sealed which are not seen
}

func newShown(files *batches.Files) *shown {
	return &shown{files: files, swapped: make(chan struct{}), unfiled: map[*replica.Replica][]batches.Filing{}}
}

// seen returns what readers see and a channel that is closed when it is another.
func (n *shown) seen() (*replica.Replica, <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.current.Load(), n.swapped
}

// file has a batch written once readers see the replica that sealed it: it counts
// as held from then on.
func (n *shown) file(s *replica.Replica, f batches.Filing) {
	n.mu.Lock()
	seen := n.current.Load() == s
	if !seen {
		n.unfiled[s] = append(n.unfiled[s], f)
	}
	n.mu.Unlock()
	if seen {
		n.files.Add(f)
	}
}

// forget drops what a replica has sealed that readers will not see.
func (n *shown) forget(s *replica.Replica) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.unfiled, s)
}

// swap lets readers see a replica.
func (n *shown) swap(s *replica.Replica) {
	n.mu.Lock()
	n.current.Store(s)
	close(n.swapped)
	n.swapped = make(chan struct{})
	unfiled := n.unfiled[s]
	delete(n.unfiled, s)
	n.mu.Unlock()
	for _, f := range unfiled {
		n.files.Add(f)
	}
}
