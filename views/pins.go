package views

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"github.com/tidemark/tidemark/views/store"
)

// pins keep snapshots for the cursors of clients: for a while after they were
// last used, and only so many.
type pins struct {
	ttl   time.Duration
	limit int
	clock func() time.Time

	mu   sync.Mutex
	held map[string]*pin
}

type pin struct {
	snapshot *store.Snapshot
	used     time.Time
}

func newPins(limit int, ttl time.Duration, clock func() time.Time) *pins {
	return &pins{ttl: ttl, limit: limit, clock: clock, held: map[string]*pin{}}
}

// add keeps a snapshot and returns what it is asked for by. Where there are too
// many, the one that was not used for the longest time is let go.
func (p *pins) add(s *store.Snapshot) string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never returns an error
	id := hex.EncodeToString(b[:])
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	for len(p.held) >= p.limit {
		oldest := ""
		for k, v := range p.held {
			if oldest == "" || v.used.Before(p.held[oldest].used) {
				oldest = k
			}
		}
		delete(p.held, oldest)
	}
	p.held[id] = &pin{snapshot: s, used: p.clock()}
	return id
}

func (p *pins) get(id string) (*store.Snapshot, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	found, ok := p.held[id]
	if !ok {
		return nil, false
	}
	found.used = p.clock()
	return found.snapshot, true
}

func (p *pins) expire() {
	old := p.clock().Add(-p.ttl)
	for id, v := range p.held {
		if v.used.Before(old) {
			delete(p.held, id)
		}
	}
}

func (p *pins) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	return len(p.held)
}
