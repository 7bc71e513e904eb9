package column

import "math/bits"

// HashSet answers quickly whether an int64 is in it.
type HashSet struct {
	slots []int64
	taken Bitmap
	shift uint
}

// NewHashSet returns the set of some int64s.
func NewHashSet(values []int64) *HashSet {
	n := bits.Len(uint(2*len(values) + 63))
	s := &HashSet{slots: make([]int64, 1<<n), taken: make(Bitmap, 1<<n>>6), shift: uint(64 - n)}
	for _, v := range values {
		at := s.place(v)
		s.slots[at] = v
		s.taken.Set(at)
	}
	return s
}

// place returns the slot that v is in or belongs to.
func (s *HashSet) place(v int64) int {
	at := int(mix(uint64(v)) >> s.shift)
	for s.taken.Get(at) && s.slots[at] != v {
		at = (at + 1) & (len(s.slots) - 1)
	}
	return at
}

// Has reports whether v is in the set.
func (s *HashSet) Has(v int64) bool { return s.taken.Get(s.place(v)) }
