package mvcc

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// baseIndex finds the rows of a base by the hash of their key. It is an open table
// of 32-bit slots, each a row's number plus one and, in the bits that the numbers
// leave free, a part of the hash, so that most slots of other keys are passed over
// without a look at the row.
type baseIndex struct {
	slots   []uint32
	rowBits uint // how many low bits of a slot are the row
}

// slotsPerRow is the room that the table has, in slots per 100 rows.
const slotsPerRow = 145

func newBaseIndex(rows int) *baseIndex {
	return &baseIndex{slots: make([]uint32, rows*slotsPerRow/100+8), rowBits: uint(bits.Len32(uint32(rows)))}
}

func (x *baseIndex) place(hash uint64) (at int, tag uint32) {
	hi, _ := bits.Mul64(hash, uint64(len(x.slots)))
	return int(hi), uint32(hash) >> x.rowBits << x.rowBits
}

// first returns what the slot has at which the search for a hash begins.
func (x *baseIndex) first(hash uint64) uint32 {
	at, _ := x.place(hash)
	return x.slots[at]
}

// find returns the first row with the hash's tag for which same is true, or -1. The search
// begins at slot, which is first's.
func (x *baseIndex) find(slot uint32, hash uint64, same func(row int) bool) int {
	at, tag := x.place(hash)
	rowMask := uint32(1)<<x.rowBits - 1
	for slot != 0 {
		if slot&^rowMask == tag {
			if row := int(slot&rowMask) - 1; same(row) {
				return row
			}
		}
		if at++; at == len(x.slots) {
			at = 0
		}
		slot = x.slots[at]
	}
	return -1
}

// insert puts a row in, if there is a slot for it before the slot end.
func (x *baseIndex) insert(hash uint64, row, end int) bool {
	at, tag := x.place(hash)
	for ; at < end; at++ {
		if x.slots[at] == 0 {
			x.slots[at] = tag | uint32(row+1)
			return true
		}
	}
	return false
}

// insertAround puts a row in whose probing continues at the first slot.
func (x *baseIndex) insertAround(hash uint64, row int) {
	_, tag := x.place(hash)
	if x.insert(hash, row, len(x.slots)) {
		return
	}
	at := 0
	for x.slots[at] != 0 {
		at++
	}
	x.slots[at] = tag | uint32(row+1)
}

// insertAll puts all rows in. Each goroutine has a part of the slots to itself, which
// is several times faster than sharing them: no insertion waits for the last one.
func (x *baseIndex) insertAll(hashes []uint64, cores int) {
	left := make([][]int, cores) // rows that have no place in their part
	var wg sync.WaitGroup
	for part := range cores {
		from, to := len(x.slots)*part/cores, len(x.slots)*(part+1)/cores
		wg.Go(func() {
			for row, hash := range hashes {
				if at, _ := x.place(hash); at >= from && at < to && !x.insert(hash, row, to) {
					left[part] = append(left[part], row)
				}
			}
		})
	}
	wg.Wait()
	for _, rows := range left {
		for _, row := range rows {
			x.insertAround(hashes[row], row)
		}
	}
}

// deltaIndex finds the newest entry of a key in a delta. Slots hold the upper half
// of the key's hash and the entry's number plus one; one key has one slot. There is
// one writer; readers need no lock.
type deltaIndex struct {
	slots []atomic.Uint64
	used  int // the writer's
}

const firstDeltaSlots = 1 << 10

func newDeltaIndex(slots int) *deltaIndex { return &deltaIndex{slots: make([]atomic.Uint64, slots)} }

// find returns the entry with the hash for which same is true, and the place of its
// slot; without one, -1 and the place where it belongs.
func (x *deltaIndex) find(hash uint64, same func(entry int) bool) (entry, at int) {
	at = int(hash>>32) & (len(x.slots) - 1)
	for {
		slot := x.slots[at].Load()
		if slot == 0 {
			return -1, at
		}
		if slot>>32 == hash>>32 {
			if entry := int(uint32(slot)) - 1; same(entry) {
				return entry, at
			}
		}
		at = (at + 1) & (len(x.slots) - 1)
	}
}

func (x *deltaIndex) set(at int, hash uint64, entry int) {
	x.slots[at].Store(hash>>32<<32 | uint64(entry+1))
}

// grown returns a copy with twice the room.
func (x *deltaIndex) grown() *deltaIndex {
	out := newDeltaIndex(2 * len(x.slots))
	for i := range x.slots {
		slot := x.slots[i].Load()
		if slot == 0 {
			continue
		}
		_, at := out.find(slot, func(int) bool { return false })
		out.slots[at].Store(slot)
	}
	out.used = x.used
	return out
}
