package column

import (
	"sort"
	"strings"
	"unsafe"
)

// Arena holds the texts of a column of many distinct values, block by block.
type Arena struct {
	Blocks [][]byte
	Ends   []uint16 // where each text ends in its block's bytes
	// Highs are the upper halves of the ends of blocks that are longer than 64 KiB; nil
	// where no block is.
	Highs [][]uint16
	// long are the texts of more than LongText bytes, by row; their blocks have nothing of them.
	long map[int]string
}

// LongText is how many bytes a text may have to be in its block. It keeps the ends within a
// block below 32 bits, and texts of megabytes where they are when the base is merged.
const LongText = 1 << 20

// NewArena returns room for so many texts. An ArenaWriter fills it.
func NewArena(rows int) *Arena {
	return &Arena{Blocks: make([][]byte, BlocksFor(rows)), Ends: make([]uint16, BlocksFor(rows)*BlockRows)}
}

// Text returns text i, which aliases the arena.
func (a *Arena) Text(i int) string { return a.Between(i, a.bounds(i)) }

// bounds returns where text i begins in its block's bytes, above where it ends.
func (a *Arena) bounds(i int) uint64 {
	from := 0
	if i&(BlockRows-1) != 0 {
		from = a.end(i - 1)
	}
	return uint64(from)<<32 | uint64(a.end(i))
}

// Between returns text i, whose bounds are known.
func (a *Arena) Between(i int, bounds uint64) string {
	from, to := bounds>>32, bounds&(1<<32-1)
	if from == to {
		return a.long[i] // "" where it is not one of them
	}
	return unsafe.String(&a.Blocks[i>>BlockBits][from], int(to-from))
}

func (a *Arena) end(i int) int {
	if a.Highs != nil && a.Highs[i>>BlockBits] != nil {
		return int(a.Highs[i>>BlockBits][i&(BlockRows-1)])<<16 | int(a.Ends[i])
	}
	return int(a.Ends[i])
}

// setEnd writes where a text ends that is the last one yet.
func (a *Arena) setEnd(i, end int) {
	a.Ends[i] = uint16(end)
	high := uint16(end >> 16)
	if high == 0 {
		return
	}
	if a.Highs == nil {
		a.Highs = make([][]uint16, len(a.Blocks))
	}
	if a.Highs[i>>BlockBits] == nil {
		a.Highs[i>>BlockBits] = make([]uint16, BlockRows)
	}
	a.Highs[i>>BlockBits][i&(BlockRows-1)] = high
}

// Bytes returns what the texts take in memory.
func (a *Arena) Bytes() int64 {
	n := int64(2 * len(a.Ends))
	for _, b := range a.Blocks {
		n += int64(cap(b))
	}
	for _, h := range a.Highs {
		n += int64(2 * len(h))
	}
	for _, s := range a.long {
		n += int64(len(s))
	}
	return n
}

// ArenaWriter fills an arena row by row.
type ArenaWriter struct {
	Arena *Arena
	row   int
	buf   []byte // of the block
	slab  []byte // has room for the next blocks
}

// maxSlab is how many bytes of texts lie in one piece: many blocks, since memory is given out in
// sizes that would leave a part of each one unused.
const maxSlab = 8 << 20

// Add adds the text of the next row.
func (w *ArenaWriter) Add(s string) {
	if len(s) > LongText {
		w.AddLong(strings.Clone(s))
		return
	}
	w.buf = append(w.buf, s...)
	w.end()
}

// AddBytes adds the text of the next row, and copies it.
func (w *ArenaWriter) AddBytes(s []byte) {
	if len(s) > LongText {
		w.AddLong(string(s))
		return
	}
	w.buf = append(w.buf, s...)
	w.end()
}

// AddLong adds a text that is kept as it is: nobody changes it, nor what it lies in.
func (w *ArenaWriter) AddLong(s string) {
	if w.Arena.long == nil {
		w.Arena.long = map[int]string{}
	}
	w.Arena.long[w.row] = s
	w.end()
}

func (w *ArenaWriter) end() {
	w.Arena.setEnd(w.row, len(w.buf))
	w.row++
	if w.row&(BlockRows-1) == 0 {
		w.Flush()
	}
}

// Flush ends a block. Its bytes are copied to a slab.
func (w *ArenaWriter) Flush() {
	if block := (w.row - 1) >> BlockBits; w.row > 0 && w.Arena.Blocks[block] == nil {
		if n := len(w.buf); n > cap(w.slab)-len(w.slab) {
			left := len(w.Arena.Blocks) - block // with as much as this one each
			w.slab = make([]byte, max(n, min(left*n, maxSlab)))[:0]
		}
		from := len(w.slab)
		w.slab = append(w.slab, w.buf...)
		w.Arena.Blocks[block] = w.slab[from:len(w.slab):len(w.slab)]
	}
	w.buf = w.buf[:0]
}

// Dictionary holds distinct texts in ascending order; a text's place is its code,
// so codes compare like texts.
type Dictionary struct {
	Buf  []byte
	ends []uint32
}

// NewDictionary returns the dictionary of texts that are sorted and distinct.
func NewDictionary(texts []string) *Dictionary {
	size := 0
	for _, s := range texts {
		size += len(s)
	}
	d := &Dictionary{Buf: make([]byte, 0, size), ends: make([]uint32, 0, len(texts))}
	for _, s := range texts {
		d.Buf = append(d.Buf, s...)
		d.ends = append(d.ends, uint32(len(d.Buf)))
	}
	return d
}

// Len returns how many texts there are.
func (d *Dictionary) Len() int { return len(d.ends) }

// Text returns the text of a code.
func (d *Dictionary) Text(code int) string {
	var from uint32
	if code > 0 {
		from = d.ends[code-1]
	}
	to := d.ends[code]
	if from == to {
		return ""
	}
	return unsafe.String(&d.Buf[from], int(to-from))
}

// Find returns the code of s, or where it would be.
func (d *Dictionary) Find(s string) (code int, found bool) {
	code = sort.Search(d.Len(), func(i int) bool { return d.Text(i) >= s })
	return code, code < d.Len() && d.Text(code) == s
}

// Bytes returns what the dictionary takes in memory.
func (d *Dictionary) Bytes() int64 { return int64(len(d.Buf) + 4*len(d.ends)) }

// MaxDictionary bounds the bytes of a dictionary, whose offsets are 32 bits wide.
const MaxDictionary = 1 << 30
