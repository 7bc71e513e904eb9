package persist

import (
	"encoding/binary"
	"slices"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/persist/batchfile"
)

// columnFill makes a column of the blocks of a file.
type columnFill struct {
	*column.Column
	limit int // of a dictionary: how many distinct texts it may have
	rows  int
	row   int

	ints  []int64
	codes map[string]int64 // provisional codes, while the texts are few
	list  []string
	size  int                // bytes of list
	out   column.ArenaWriter // when they are not
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
			if f.out.Arena != nil {
				f.out.Add("")
			}
			continue
		}
		f.Valid.Set(row)
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
	switch f.Form {
	case column.FormWide:
		padded := column.BlocksFor(f.rows) * column.BlockRows
		f.His, f.Los = make([]int64, padded), make([]uint64, padded)
	case column.FormText:
		f.codes = map[string]int64{}
		f.ints = make([]int64, f.rows)
	default:
		f.ints = make([]int64, f.rows)
	}
}

// put writes value i of a block.
func (f *columnFill) put(row int, b *batchfile.Block, i int) {
	switch {
	case f.Form == column.FormText:
		f.putText(row, b.Texts[i])
	case f.Form == column.FormWide:
		w := b.Wides[i]
		f.His[row], f.Los[row] = int64(binary.BigEndian.Uint64(w[:8])^signFlip(f.Type)), binary.BigEndian.Uint64(w[8:])
	case f.Type.Kind == tables.Bool:
		if b.Bools[i] {
			f.ints[row] = 1
		}
	case f.Type.Kind == tables.Float64:
		f.ints[row] = column.OrderOfFloat(b.Floats[i])
	default:
		f.ints[row] = b.Ints[i]
	}
}

func (f *columnFill) putText(row int, s []byte) {
	if f.out.Arena != nil {
		f.out.AddBytes(s)
		return
	}
	code, ok := f.codes[string(s)]
	if !ok {
		f.size += len(s)
		if len(f.list) >= f.limit || f.size > column.MaxDictionary {
			f.abandon(row)
			f.out.AddBytes(s)
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
	f.out.Arena = column.NewArena(f.rows)
	for row := range rows {
		if f.Valid.Get(row) {
			f.out.Add(f.list[f.ints[row]])
		} else {
			f.out.Add("")
		}
	}
	f.codes, f.list, f.ints = nil, nil, nil
}

// finish packs what was taken.
func (f *columnFill) finish() {
	f.start()
	switch {
	case f.Form == column.FormWide:
		return
	case f.out.Arena != nil:
		f.out.Flush()
		f.Texts = f.out.Arena
		return
	case f.Form == column.FormText:
		f.sortCodes()
	}
	low, high, any := int64(0), int64(0), false
	for row, x := range f.ints {
		switch {
		case !f.Valid.Get(row):
		case !any:
			low, high, any = x, x, true
		default:
			low, high = min(low, x), max(high, x)
		}
	}
	if f.Dict != nil {
		low, high = 0, int64(max(f.Dict.Len()-1, 0))
	}
	f.Column.Ints = column.NewPacked(f.rows, low, high)
	for row, x := range f.ints {
		if f.Valid.Get(row) {
			f.Column.Ints.Set(row, x)
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
	f.Dict = column.NewDictionary(texts)
}
