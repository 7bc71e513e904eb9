package column

import "math/bits"

// Numbering is a hash table from integers to numbers, which are not 0.
type Numbering struct {
	keys    []uint64
	numbers []uint32 // 0 where the slot is free
	used    int
	shift   uint
}

const firstSlotBits = 8

// NewNumbering returns a table without numbers.
func NewNumbering() *Numbering {
	return &Numbering{keys: make([]uint64, 1<<firstSlotBits), numbers: make([]uint32, 1<<firstSlotBits), shift: 64 - firstSlotBits}
}

// Number returns the number of x, which becomes next when x has none.
func (h *Numbering) Number(x uint64, next uint32) uint32 {
	at := mix(x) >> h.shift
	for h.numbers[at] != 0 {
		if h.keys[at] == x {
			return h.numbers[at]
		}
		at = (at + 1) & uint64(len(h.keys)-1)
	}
	h.keys[at], h.numbers[at] = x, next
	if h.used++; h.used*2 > len(h.keys) {
		h.grow()
	}
	return next
}

func (h *Numbering) grow() {
	keys, numbers := h.keys, h.numbers
	h.keys, h.numbers = make([]uint64, 2*len(keys)), make([]uint32, 2*len(keys))
	h.shift--
	for i, n := range numbers {
		if n == 0 {
			continue
		}
		at := mix(keys[i]) >> h.shift
		for h.numbers[at] != 0 {
			at = (at + 1) & uint64(len(h.keys)-1)
		}
		h.keys[at], h.numbers[at] = keys[i], n
	}
}

// mix spreads a number's bits, the upper ones best.
func mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
	return (hi ^ lo) * 0x9e3779b97f4a7c15
}
