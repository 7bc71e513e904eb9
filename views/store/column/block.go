package column

import "math/bits"

// Columns are worked on in blocks of this many rows: small enough for a core's
// first cache, large enough that the work per block does not matter.
const (
	BlockBits  = 10
	BlockRows  = 1 << BlockBits
	BlockWords = BlockRows / 64
)

// MaxRows is how many rows a column can have, and entries a delta.
const MaxRows = 1<<31 - 2

// BlocksFor returns how many blocks hold n rows.
func BlocksFor(n int) int { return (n + BlockRows - 1) >> BlockBits }

// Mask marks rows of one block.
type Mask [BlockWords]uint64

// Fill marks the rows from from to to-1 and no others.
func (m *Mask) Fill(from, to int) {
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

// Empty reports whether no row is marked.
func (m *Mask) Empty() bool {
	var any uint64
	for _, w := range m {
		any |= w
	}
	return any == 0
}

// Count returns how many rows are marked.
func (m *Mask) Count() int {
	n := 0
	for _, w := range m {
		n += bits.OnesCount64(w)
	}
	return n
}

// Clear takes the mark of row i away.
func (m *Mask) Clear(i int) { m[i>>6] &^= 1 << (i & 63) }

// And keeps the rows that o marks, too.
func (m *Mask) And(o *Mask) {
	for w := range m {
		m[w] &= o[w]
	}
}

// Or marks the rows that o marks, too.
func (m *Mask) Or(o *Mask) {
	for w := range m {
		m[w] |= o[w]
	}
}

// AndWords keeps the rows that are marked in words, one block of a bitmap.
func (m *Mask) AndWords(words []uint64) {
	words = words[:BlockWords]
	for w := range m {
		m[w] &= words[w]
	}
}

// AndNotWords keeps the rows that are not marked in words, one block of a bitmap.
func (m *Mask) AndNotWords(words []uint64) {
	words = words[:BlockWords]
	for w := range m {
		m[w] &^= words[w]
	}
}

// Invert marks the other rows.
func (m *Mask) Invert() {
	for w := range m {
		m[w] = ^m[w]
	}
}

// Places appends the marked rows, ascending.
func (m *Mask) Places(dst []uint16) []uint16 {
	for w, word := range m {
		for ; word != 0; word &= word - 1 {
			dst = append(dst, uint16(w*64+bits.TrailingZeros64(word)))
		}
	}
	return dst
}

// Each yields the marked rows, ascending.
func (m *Mask) Each(yield func(int) bool) {
	for w, word := range m {
		for ; word != 0; word &= word - 1 {
			if !yield(w*64 + bits.TrailingZeros64(word)) {
				return
			}
		}
	}
}

// EachDown yields the marked rows, descending.
func (m *Mask) EachDown(yield func(int) bool) {
	for w := BlockWords - 1; w >= 0; w-- {
		for word := m[w]; word != 0; {
			b := bits.Len64(word) - 1
			if !yield(w*64 + b) {
				return
			}
			word &^= 1 << b
		}
	}
}

// Bitmap is one bit per row, in whole blocks.
type Bitmap []uint64

// NewBitmap returns a bitmap of so many rows, none of which is set.
func NewBitmap(rows int) Bitmap { return make(Bitmap, BlocksFor(rows)*BlockWords) }

// Get reports whether row i is set.
func (b Bitmap) Get(i int) bool { return b[i>>6]>>(i&63)&1 != 0 }

// Set sets row i.
func (b Bitmap) Set(i int) { b[i>>6] |= 1 << (i & 63) }

// Block returns the words of one block.
func (b Bitmap) Block(n int) []uint64 { return b[n*BlockWords : (n+1)*BlockWords] }

func (b Bitmap) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// full reports whether the first rows bits are all set.
func (b Bitmap) full(rows int) bool {
	for _, w := range b[:rows>>6] {
		if w != ^uint64(0) {
			return false
		}
	}
	return rows&63 == 0 || b[rows>>6] == 1<<(rows&63)-1
}

// CopyBits copies n bits of src from srcAt to dst at dstAt, whose bits are zero there.
func CopyBits(dst Bitmap, dstAt int, src Bitmap, srcAt, n int) {
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

// SetBits sets n bits from at.
func SetBits(dst Bitmap, at, n int) {
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
