package views

import (
	"context"
	"fmt"
	"sync"

	"github.com/cespare/xxhash/v2"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/topics"
)

// A key has one home, the partition that its bytes in the source topic lead to. When the
// source's converter or the key's type changes, so do the bytes: the key's changes then
// come from another partition, while its old row stays where it was. The view keeps what
// each partition has of such a key, rows and deletions alike, and shows what
// tables.Latest says of these: whatever came first, and after every start.

// homes is what a session knows of keys that more than one partition has something of.
// The writer adds, others count.
type homes struct {
	several bool // keys can be in several partitions at all

	deletions *keySet // of which deletions are kept: the writer only
	// borrowed are keys whose row in memory is another partition's than that of the record
	// which brought it there: the writer only.
	borrowed *keySet

	mu     sync.Mutex
	keys   map[uint64]struct{} // hashes of the doubled ones
	open   map[uint64]struct{} // of the unsettled ones
	left   map[uint64]uint64   // of those given up whose later change is still to be read: see left.go
	ended  tables.Position     // per partition, behind the last record that left a key to one partition
	warned bool
}

func newHomes(several bool) *homes {
	return &homes{several: several, deletions: newKeySet(), borrowed: newKeySet(), keys: map[uint64]struct{}{}, open: map[uint64]struct{}{}, left: map[uint64]uint64{}}
}

// severalHomes reports whether a key can have several: not where its records are placed
// by what it is, and not where there is one partition.
func (v *View) severalHomes(env topics.Set) bool {
	return env.Changelog.Partitions > 1 && !v.o.Table.Rekeyed()
}

// homes are those of the session that readers see; none when there is no session.
func (v *View) homes() *homes {
	if s := v.current.Load(); s != nil {
		return s.homes
	}
	return newHomes(false)
}

func hashOf(key tables.Key) uint64 { return xxhash.Sum64String(string(key)) }

// doubled is how many keys are in several partitions.
func (h *homes) doubled() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.keys)
}

// unsettled is of how many keys nothing tells the newest change.
func (h *homes) unsettled() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.open)
}

// has reports whether a key is in several partitions.
func (h *homes) has(hash uint64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, is := h.keys[hash]
	return is
}

// note follows a key that is, or was, in several partitions. It returns whether it is
// the first.
func (h *homes) note(hash uint64, doubled, settled bool) (first bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	set(h.keys, hash, doubled)
	set(h.open, hash, !settled)
	first = doubled && !h.warned
	h.warned = h.warned || doubled
	return first
}

// end notes a record of the changelog since which a key is in one partition alone.
func (h *homes) end(partition int32, offset int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = h.ended.Set(partition, max(h.ended.At(partition), offset+1))
}

// doubledAt reports whether a batch may count more rows than the view has: keys are, or
// were at its cut, in several partitions.
func (h *homes) doubledAt(cut tables.Position) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.keys) > 0 || !cut.Reaches(h.ended)
}

func set(all map[uint64]struct{}, hash uint64, in bool) {
	if in {
		all[hash] = struct{}{}
	} else {
		delete(all, hash)
	}
}

// isOpen reports whether a key is unsettled; it costs next to nothing where none is.
func (h *homes) isOpen(hash func() uint64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.open) == 0 {
		return false
	}
	_, is := h.open[hash()]
	return is
}

// recall finds out what the rows on disk tell of keys in several partitions.
func (s *session) recall() error {
	ctx := context.Background()
	err := s.disk().EachCopies(ctx, func(key tables.Key, all []rows.Copy) error {
		_, settled, err := latest(all)
		if err == nil {
			s.homes.note(hashOf(key), doubled(all), settled && doubled(all))
			s.leave(hashOf(key), all)
		}
		return err
	})
	if err == nil && s.homes.several {
		err = s.disk().EachDeletion(ctx, func(key tables.Key) { s.homes.deletions.add(hashOf(key)) })
	}
	if err != nil {
		return fmt.Errorf("keys in several partitions: %w", err)
	}
	return nil
}
