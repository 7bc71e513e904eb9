package views

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"github.com/tidemark/tidemark/views/store"
)

// pins keep snapshots for the cursors of clients: for a while after they were
// last used, only so many, and no more than so many bytes of rows that nobody else holds.
type pins struct {
	ttl    time.Duration
	limit  int
	clock  func() time.Time
	bytes  int64                  // 0: any
	newest func() *store.Snapshot // which is in memory anyway

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
	p.lighten()
	return id
}

func (p *pins) get(id string) (*store.Snapshot, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	p.lighten()
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

// trim lets go what is kept too long, or is too much since a batch has made new rows of it.
func (p *pins) trim() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	p.lighten()
}

// weight is what pins of one state between two merges keep in memory together.
type weight struct {
	bytes int64
	used  time.Time // last, of any of them
}

// weights returns those of all states but the newest, and the bytes of that.
func (p *pins) weights() (old map[any]*weight, newest int64) {
	old = map[any]*weight{}
	var present any
	if p.newest != nil {
		present, newest = p.newest().Held()
	}
	for _, v := range p.held {
		what, bytes := v.snapshot.Held()
		if what == present || what == nil {
			continue
		}
		w := old[what]
		if w == nil {
			w = &weight{bytes: bytes}
			old[what] = w
		}
		if v.used.After(w.used) {
			w.used = v.used
		}
	}
	return old, newest
}

// lighten lets go the states that were not used for the longest time while all of them together
// keep more in memory than they may: what the newest rows take at least, so that the pages of a
// large table outlive a batch.
func (p *pins) lighten() {
	if p.bytes == 0 || len(p.held) == 0 {
		return
	}
	old, newest := p.weights()
	sum := total(old)
	for sum > max(p.bytes, newest) && len(old) > 0 {
		var oldest any
		for what, w := range old {
			if oldest == nil || w.used.Before(old[oldest].used) {
				oldest = what
			}
		}
		sum -= old[oldest].bytes
		delete(old, oldest)
		for id, v := range p.held {
			if what, _ := v.snapshot.Held(); what == oldest {
				delete(p.held, id)
			}
		}
	}
}

func total(old map[any]*weight) (sum int64) {
	for _, w := range old {
		sum += w.bytes
	}
	return sum
}

// memory returns the bytes that the pins, and the others, keep beside the newest rows.
func (p *pins) memory(others []*store.Snapshot) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	old, _ := p.weights()
	var present any
	if p.newest != nil {
		present, _ = p.newest().Held()
	}
	for _, s := range others {
		if what, bytes := s.Held(); what != present && what != nil && old[what] == nil {
			old[what] = &weight{bytes: bytes}
		}
	}
	return total(old)
}

func (p *pins) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	return len(p.held)
}
