package store

import "math/bits"

// Columns are worked on in blocks of this many rows: small enough for a core's
// first cache, large enough that the work per block does not matter.
const (
	blockBits  = 10
	blockRows  = 1 << blockBits
	blockWords = blockRows / 64
)

// blocksFor returns how many blocks hold n rows.
func blocksFor(n int) int { return (n + blockRows - 1) >> blockBits }

// mask marks rows of one block.
type mask [blockWords]uint64

// fill marks the rows from from to to-1 and no others.
func (m *mask) fill(from, to int) {
	for w := range m {
		lo, hi := from-w*64, to-w*64
		switch {
		case lo >= 64 || hi <= 0:
			m[w] = 0
		default:
			word := ^uint64(0)
			if lo > 0 {
				word <<= uint(lo)
			}
			if hi < 64 {
				word &= 1<<uint(hi) - 1
			}
			m[w] = word
		}
	}
}

func (m *mask) empty() bool {
	var any uint64
	for _, w := range m {
		any |= w
	}
	return any == 0
}

func (m *mask) count() int {
	n := 0
	for _, w := range m {
		n += bits.OnesCount64(w)
	}
	return n
}

func (m *mask) clear(i int) { m[i>>6] &^= 1 << (i & 63) }

func (m *mask) and(o *mask) {
	for w := range m {
		m[w] &= o[w]
	}
}

func (m *mask) or(o *mask) {
	for w := range m {
		m[w] |= o[w]
	}
}

// andWords keeps the rows that are marked in words, one block of a bitmap.
func (m *mask) andWords(words []uint64) {
	words = words[:blockWords]
	for w := range m {
		m[w] &= words[w]
	}
}

func (m *mask) andNotWords(words []uint64) {
	words = words[:blockWords]
	for w := range m {
		m[w] &^= words[w]
	}
}

func (m *mask) invert() {
	for w := range m {
		m[w] = ^m[w]
	}
}

// places appends the marked rows, ascending.
func (m *mask) places(dst []uint16) []uint16 {
	for w, word := range m {
		for ; word != 0; word &= word - 1 {
			dst = append(dst, uint16(w*64+bits.TrailingZeros64(word)))
		}
	}
	return dst
}

// each yields the marked rows, ascending.
func (m *mask) each(yield func(int) bool) {
	for w, word := range m {
		for ; word != 0; word &= word - 1 {
			if !yield(w*64 + bits.TrailingZeros64(word)) {
				return
			}
		}
	}
}

// eachDown yields the marked rows, descending.
func (m *mask) eachDown(yield func(int) bool) {
	for w := blockWords - 1; w >= 0; w-- {
		for word := m[w]; word != 0; {
			b := bits.Len64(word) - 1
			if !yield(w*64 + b) {
				return
			}
			word &^= 1 << b
		}
	}
}

// bitmap is one bit per row, in whole blocks.
type bitmap []uint64

func newBitmap(rows int) bitmap { return make(bitmap, blocksFor(rows)*blockWords) }

func (b bitmap) get(i int) bool { return b[i>>6]>>(i&63)&1 != 0 }
func (b bitmap) set(i int)      { b[i>>6] |= 1 << (i & 63) }

func (b bitmap) block(n int) []uint64 { return b[n*blockWords : (n+1)*blockWords] }

func (b bitmap) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// full reports whether the first rows bits are all set.
func (b bitmap) full(rows int) bool {
	for _, w := range b[:rows>>6] {
		if w != ^uint64(0) {
			return false
		}
	}
	return rows&63 == 0 || b[rows>>6] == 1<<(rows&63)-1
}

// copyBits copies n bits of src from srcAt to dst at dstAt, whose bits are zero there.
func copyBits(dst bitmap, dstAt int, src bitmap, srcAt, n int) {
	for n > 0 {
		take := min(n, 64-dstAt&63, 64-srcAt&63)
		word := src[srcAt>>6] >> (srcAt & 63)
		if take < 64 {
			word &= 1<<take - 1
		}
		dst[dstAt>>6] |= word << (dstAt & 63)
		dstAt, srcAt, n = dstAt+take, srcAt+take, n-take
	}
}

// setBits sets n bits from at.
func setBits(dst bitmap, at, n int) {
	for n > 0 {
		take := min(n, 64-at&63)
		word := ^uint64(0)
		if take < 64 {
			word = 1<<take - 1
		}
		dst[at>>6] |= word << (at & 63)
		at, n = at+take, n-take
	}
}
