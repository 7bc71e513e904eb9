package duplicates

import (
	"slices"
	"sync"

	"github.com/cespare/xxhash/v2"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
)

// A key has one home, the partition that its bytes in the source topic lead to. When the
// source's converter or the key's type changes, so do the bytes: the key's changes then
// come from another partition, while its old row stays where it was. The view keeps what
// each partition has of such a key, rows and deletions alike, and shows what
// tables.Latest says of these: whatever came first, and after every start.

// Keys is what a session knows of keys that more than one partition has something of.
// The writer adds, others count.
type Keys struct {
	Several bool // keys can be in several partitions at all

	Deletions *KeySet // of which deletions are kept: the writer only
	// Borrowed are keys whose row in memory is another partition's than that of the record
	// which brought it there: the writer only.
	Borrowed *KeySet

	mu     sync.Mutex
	keys   map[uint64]struct{} // hashes of duplicate keys
	open   map[uint64]struct{} // of the unsettled ones
	left   map[uint64]uint64   // of those given up whose later change is still to be read: see copies.go
	ended  tables.Position     // per partition, behind the last record that left a key to one partition
	warned bool
}

// NewKeys returns keys of which nothing is known. Several says whether a key can be in
// several partitions at all.
func NewKeys(several bool) *Keys {
	return &Keys{
		Several: several, Deletions: newKeySet(), Borrowed: newKeySet(),
		keys: map[uint64]struct{}{}, open: map[uint64]struct{}{}, left: map[uint64]uint64{},
	}
}

// Hash is what keys are known by here.
func Hash(key tables.Key) uint64 { return xxhash.Sum64String(string(key)) }

// Duplicates returns how many keys are in several partitions.
func (h *Keys) Duplicates() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.keys)
}

// Unsettled is of how many keys nothing says the newest change.
func (h *Keys) Unsettled() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.open)
}

// Has reports whether a key is in several partitions.
func (h *Keys) Has(hash uint64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, is := h.keys[hash]
	return is
}

// Follow follows a key that is, or was, in several partitions. It returns whether it is
// the first.
func (h *Keys) Follow(hash uint64, duplicate, settled bool) (first bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	set(h.keys, hash, duplicate)
	set(h.open, hash, !settled)
	first = duplicate && !h.warned
	h.warned = h.warned || duplicate
	return first
}

// End notes a record of the changelog since which a key is in one partition alone.
func (h *Keys) End(partition int32, offset int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = h.ended.Set(partition, max(h.ended.At(partition), offset+1))
}

// DuplicatesAt reports whether a batch may count more rows than the view has: keys are, or
// were at its cut, in several partitions.
func (h *Keys) DuplicatesAt(cut tables.Position) bool {
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

// IsOpen reports whether a key is unsettled; it costs next to nothing where none is.
func (h *Keys) IsOpen(hash func() uint64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.open) == 0 {
		return false
	}
	_, is := h.open[hash()]
	return is
}

// NoneLeft says that no row of a key is left.
func (h *Keys) NoneLeft(hash uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.left, hash)
}

// LeftBefore reports whether a row is left that was left before an end was asked for by
// this number.
func (h *Keys) LeftBefore(asked uint64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range h.left {
		if n <= asked {
			return true
		}
	}
	return false
}

// AnyLeft reports whether a row is left.
func (h *Keys) AnyLeft() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.left) > 0
}

// LeftSince is by which number an end was asked for when a row of a key was left.
func (h *Keys) LeftSince(hash uint64) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.left[hash]
}

// Leave follows a key. asked is by which number an end of the changelog is asked for where a
// row of it is left.
func (h *Keys) Leave(hash uint64, all []rows.Copy, asked func() uint64) {
	if !slices.ContainsFunc(all, IsLeft) {
		h.NoneLeft(hash)
		return
	}
	n := asked()
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, there := h.left[hash]; !there {
		h.left[hash] = n
	}
}
