package store

import (
	"math/bits"
	"slices"

	"github.com/tidemark/tidemark/tables"
)

// intSetOf returns the distinct values, ascending. Either zero of a float brings both.
func intSetOf(values []tables.Value) intSet {
	out := make([]int64, 0, len(values))
	for _, v := range values {
		out = append(out, intOf(v))
		if v.Kind() == tables.Float64 && v.Float() == 0 {
			out = append(out, negativeZero, 0)
		}
	}
	slices.Sort(out)
	return intSet{slices.Compact(out)}
}

// hashSet answers quickly whether an int64 is in it.
type hashSet struct {
	slots []int64
	taken bitmap
	shift uint
}

func newHashSet(values []int64) *hashSet {
	n := bits.Len(uint(2*len(values) + 63))
	s := &hashSet{slots: make([]int64, 1<<n), taken: make(bitmap, 1<<n>>6), shift: uint(64 - n)}
	for _, v := range values {
		at := s.place(v)
		s.slots[at] = v
		s.taken.set(at)
	}
	return s
}

// place returns the slot that v is in or belongs to.
func (s *hashSet) place(v int64) int {
	at := int(mix(uint64(v)) >> s.shift)
	for s.taken.get(at) && s.slots[at] != v {
		at = (at + 1) & (len(s.slots) - 1)
	}
	return at
}

func (s *hashSet) has(v int64) bool { return s.taken.get(s.place(v)) }
