package store

import (
	"sort"
	"strings"
	"unsafe"
)

// arena holds the texts of a column of many distinct values, block by block.
type arena struct {
	blocks [][]byte
	ends   []uint16 // where each text ends in its block's bytes
	// highs are the upper halves of the ends of blocks that are longer than 64 KiB; nil
	// where no block is.
	highs [][]uint16
	// long are the texts of more than longText bytes, by row; their blocks have nothing of them.
	long map[int]string
}

// longText is how many bytes a text may have to stand in its block. It keeps the ends within a
// block below 32 bits, and texts of megabytes where they are when the base is merged.
const longText = 1 << 20

func newArena(rows int) *arena {
	return &arena{blocks: make([][]byte, blocksFor(rows)), ends: make([]uint16, blocksFor(rows)*blockRows)}
}

func (a *arena) text(i int) string { return a.between(i, a.bounds(i)) }

// bounds returns where text i begins in its block's bytes, above where it ends.
func (a *arena) bounds(i int) uint64 {
	from := 0
	if i&(blockRows-1) != 0 {
		from = a.end(i - 1)
	}
	return uint64(from)<<32 | uint64(a.end(i))
}

// between returns text i, whose bounds are known.
func (a *arena) between(i int, bounds uint64) string {
	from, to := bounds>>32, bounds&(1<<32-1)
	if from == to {
		return a.long[i] // "" where it is not one of them
	}
	return unsafe.String(&a.blocks[i>>blockBits][from], int(to-from))
}

func (a *arena) end(i int) int {
	if a.highs != nil && a.highs[i>>blockBits] != nil {
		return int(a.highs[i>>blockBits][i&(blockRows-1)])<<16 | int(a.ends[i])
	}
	return int(a.ends[i])
}

// setEnd writes where a text ends that is the last one yet.
func (a *arena) setEnd(i, end int) {
	a.ends[i] = uint16(end)
	high := uint16(end >> 16)
	if high == 0 {
		return
	}
	if a.highs == nil {
		a.highs = make([][]uint16, len(a.blocks))
	}
	if a.highs[i>>blockBits] == nil {
		a.highs[i>>blockBits] = make([]uint16, blockRows)
	}
	a.highs[i>>blockBits][i&(blockRows-1)] = high
}

func (a *arena) bytes() int64 {
	n := int64(2 * len(a.ends))
	for _, b := range a.blocks {
		n += int64(cap(b))
	}
	for _, h := range a.highs {
		n += int64(2 * len(h))
	}
	for _, s := range a.long {
		n += int64(len(s))
	}
	return n
}

// arenaWriter fills an arena row by row.
type arenaWriter struct {
	a    *arena
	row  int
	buf  []byte // of the block
	slab []byte // has room for the next blocks
}

// maxSlab is how many bytes of texts lie in one piece: many blocks, since memory is given out in
// sizes that would leave a part of each one unused.
const maxSlab = 8 << 20

func (w *arenaWriter) add(s string) {
	if len(s) > longText {
		w.addLong(strings.Clone(s))
		return
	}
	w.buf = append(w.buf, s...)
	w.end()
}

func (w *arenaWriter) addBytes(s []byte) {
	if len(s) > longText {
		w.addLong(string(s))
		return
	}
	w.buf = append(w.buf, s...)
	w.end()
}

// addLong adds a text that is kept as it is: nobody changes it, nor what it lies in.
func (w *arenaWriter) addLong(s string) {
	if w.a.long == nil {
		w.a.long = map[int]string{}
	}
	w.a.long[w.row] = s
	w.end()
}

func (w *arenaWriter) end() {
	w.a.setEnd(w.row, len(w.buf))
	w.row++
	if w.row&(blockRows-1) == 0 {
		w.flush()
	}
}

// flush ends a block. Its bytes are copied to a slab.
func (w *arenaWriter) flush() {
	if block := (w.row - 1) >> blockBits; w.row > 0 && w.a.blocks[block] == nil {
		if n := len(w.buf); n > cap(w.slab)-len(w.slab) {
			left := len(w.a.blocks) - block // with as much as this one each
			w.slab = make([]byte, max(n, min(left*n, maxSlab)))[:0]
		}
		from := len(w.slab)
		w.slab = append(w.slab, w.buf...)
		w.a.blocks[block] = w.slab[from:len(w.slab):len(w.slab)]
	}
	w.buf = w.buf[:0]
}

// dictionary holds distinct texts in ascending order; a text's place is its code,
// so codes compare like texts.
type dictionary struct {
	buf  []byte
	ends []uint32
}

// dictionaryOf returns the dictionary of texts that are sorted and distinct.
func dictionaryOf(texts []string) *dictionary {
	size := 0
	for _, s := range texts {
		size += len(s)
	}
	d := &dictionary{buf: make([]byte, 0, size), ends: make([]uint32, 0, len(texts))}
	for _, s := range texts {
		d.buf = append(d.buf, s...)
		d.ends = append(d.ends, uint32(len(d.buf)))
	}
	return d
}

func (d *dictionary) len() int { return len(d.ends) }

func (d *dictionary) text(code int) string {
	var from uint32
	if code > 0 {
		from = d.ends[code-1]
	}
	to := d.ends[code]
	if from == to {
		return ""
	}
	return unsafe.String(&d.buf[from], int(to-from))
}

// find returns the code of s, or where it would stand.
func (d *dictionary) find(s string) (code int, found bool) {
	code = sort.Search(d.len(), func(i int) bool { return d.text(i) >= s })
	return code, code < d.len() && d.text(code) == s
}

func (d *dictionary) bytes() int64 { return int64(len(d.buf) + 4*len(d.ends)) }

// maxDictionary bounds the bytes of a dictionary, whose offsets are 32 bits wide.
const maxDictionary = 1 << 30
