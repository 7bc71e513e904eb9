package store

import (
	"encoding/binary"
	"slices"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/batchfile"
)

// columnFill makes a column of the blocks of a file.
type columnFill struct {
	*column
	tuning tuning
	rows   int
	row    int

	ints  []int64
	codes map[string]int64 // provisional codes, while the texts are few
	list  []string
	size  int         // bytes of list
	out   arenaWriter // when they are not
}

// take puts the next rows in.
func (f *columnFill) take(b *batchfile.Block) error {
	if f.row+b.Rows > f.rows {
		return ErrCorrupt
	}
	f.start()
	next := 0
	for i, present := range b.Present {
		row := f.row + i
		if present == 0 {
			if f.out.a != nil {
				f.out.add("")
			}
			continue
		}
		f.valid.set(row)
		f.put(row, b, next)
		next++
	}
	f.row += b.Rows
	return nil
}

func (f *columnFill) start() {
	if f.row > 0 {
		return
	}
	switch f.form {
	case formWide:
		padded := blocksFor(f.rows) * blockRows
		f.his, f.los = make([]int64, padded), make([]uint64, padded)
	case formText:
		f.codes = map[string]int64{}
		f.ints = make([]int64, f.rows)
	default:
		f.ints = make([]int64, f.rows)
	}
}

// put writes value i of a block.
func (f *columnFill) put(row int, b *batchfile.Block, i int) {
	switch {
	case f.form == formText:
		f.putText(row, b.Texts[i])
	case f.form == formWide:
		w := b.Wides[i]
		f.his[row], f.los[row] = int64(binary.BigEndian.Uint64(w[:8])^f.signFlip()), binary.BigEndian.Uint64(w[8:])
	case f.typ.Kind == tables.Bool:
		if b.Bools[i] {
			f.ints[row] = 1
		}
	case f.typ.Kind == tables.Float64:
		f.ints[row] = orderOfFloat(b.Floats[i])
	default:
		f.ints[row] = b.Ints[i]
	}
}

func (f *columnFill) putText(row int, s []byte) {
	if f.out.a != nil {
		f.out.addBytes(s)
		return
	}
	code, ok := f.codes[string(s)]
	if !ok {
		f.size += len(s)
		if len(f.list) >= f.tuning.dictionaryLimit(f.rows) || f.size > maxDictionary {
			f.abandon(row)
			f.out.addBytes(s)
			return
		}
		text := string(s)
		code = int64(len(f.list))
		f.codes[text] = code
		f.list = append(f.list, text)
	}
	f.ints[row] = code
}

// abandon turns to an arena, which gets the rows so far.
func (f *columnFill) abandon(rows int) {
	f.out.a = newArena(f.rows)
	for row := range rows {
		if f.valid.get(row) {
			f.out.add(f.list[f.ints[row]])
		} else {
			f.out.add("")
		}
	}
	f.codes, f.list, f.ints = nil, nil, nil
}

// finish packs what was taken.
func (f *columnFill) finish() {
	f.start()
	switch {
	case f.form == formWide:
		return
	case f.out.a != nil:
		f.out.flush()
		f.texts = f.out.a
		return
	case f.form == formText:
		f.sortCodes()
	}
	low, high, any := int64(0), int64(0), false
	for row, x := range f.ints {
		switch {
		case !f.valid.get(row):
		case !any:
			low, high, any = x, x, true
		default:
			low, high = min(low, x), max(high, x)
		}
	}
	if f.dict != nil {
		low, high = 0, int64(max(f.dict.len()-1, 0))
	}
	f.column.ints = newPacked(f.rows, low, high)
	for row, x := range f.ints {
		if f.valid.get(row) {
			f.column.ints.set(row, x)
		}
	}
}

// sortCodes makes the dictionary, and the provisional codes those of it.
func (f *columnFill) sortCodes() {
	texts := slices.Clone(f.list)
	slices.Sort(texts)
	moved := make([]int64, len(texts))
	for code, s := range texts {
		moved[f.codes[s]] = int64(code)
	}
	for row, x := range f.ints {
		if len(moved) > 0 {
			f.ints[row] = moved[x]
		}
	}
	f.dict = dictionaryOf(texts)
}
