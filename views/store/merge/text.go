package merge

import (
	"slices"

	"github.com/tidemark/tidemark/views/store/column"
)

// textValues keeps texts as codes of a dictionary while the distinct ones are few,
// and else in an arena.
func (c *columnMerge) textValues(out *column.Column) {
	limit := c.v.Layout.Tuning.DictionaryLimit(c.rows)
	if c.old.Dict != nil {
		if c.codeValues(out, limit) {
			return
		}
	} else if c.repetitive() && c.encodeValues(out, limit) {
		return
	}
	c.arenaValues(out)
}

// codeValues merges the old dictionary with the added texts. It gives up when there
// are more than limit.
func (c *columnMerge) codeValues(out *column.Column, limit int) bool {
	codes, fresh, ok := c.addedCodes(limit)
	if !ok || c.old.Dict.Len() > 2*limit {
		return false
	}
	merged, moved := c.old.Dict, []int64(nil)
	if len(fresh) > 0 {
		slices.Sort(fresh)
		merged, moved = mergeDictionaries(c.old.Dict, fresh)
		for s := range codes {
			code, _ := merged.Find(s)
			codes[s] = int64(code)
		}
	}
	out.Dict, out.Ints = merged, column.NewPacked(c.rows, 0, int64(max(merged.Len()-1, 0)))
	c.each(func(at, from, n int) {
		if moved == nil {
			out.Ints.Convert(at, &c.old.Ints, from, n)
			return
		}
		if len(moved) == 0 { // only nulls until now
			return
		}
		for k := range n {
			out.Ints.Set(at+k, moved[c.old.Ints.Delta(from+k)])
		}
	}, func(at int, ch *column.Chunk, i int) {
		if ch.States[i] == column.Present {
			out.Ints.Set(at, codes[ch.Text(i)])
		}
	})
	return true
}

// addedCodes returns the codes that added texts have in the old dictionary, and those that it does
// not have. It reports false when there are more than limit.
func (c *columnMerge) addedCodes(limit int) (codes map[string]int64, fresh []string, ok bool) {
	old := c.old.Dict
	codes = make(map[string]int64, 1024)
	size := len(old.Buf)
	for n := range c.added {
		ch, i := c.addedRow(n)
		if ch.States[i] != column.Present {
			continue
		}
		s := ch.Text(i)
		if _, met := codes[s]; met {
			continue
		}
		code, found := old.Find(s)
		codes[s] = int64(code)
		if !found {
			fresh, size = append(fresh, s), size+len(s)
			if old.Len()+len(fresh) > limit || size > column.MaxDictionary {
				return nil, nil, false
			}
		}
	}
	return codes, fresh, true
}

// mergeDictionaries returns the dictionary of the old texts and the fresh ones, which are
// sorted, and the new code of each old one.
func mergeDictionaries(old *column.Dictionary, fresh []string) (*column.Dictionary, []int64) {
	all := make([]string, 0, old.Len()+len(fresh))
	moved := make([]int64, old.Len())
	for code := range old.Len() {
		s := old.Text(code)
		for len(fresh) > 0 && fresh[0] < s {
			all, fresh = append(all, fresh[0]), fresh[1:]
		}
		moved[code] = int64(len(all))
		all = append(all, s)
	}
	return column.NewDictionary(append(all, fresh...)), moved
}

// repetitive looks at some of an arena's texts and reports whether a dictionary may pay.
func (c *columnMerge) repetitive() bool {
	rows, sample := c.v.Base.Rows, c.v.Layout.Tuning.Sample
	if rows < 2*sample {
		return false
	}
	seen := make(map[string]struct{}, sample)
	for i := range sample {
		seen[c.old.Texts.Text(i*(rows/sample))] = struct{}{}
	}
	return len(seen) <= sample/2
}

// encodeValues makes a dictionary of an arena's texts and the added ones. It gives
// up when there are more than limit.
func (c *columnMerge) encodeValues(out *column.Column, limit int) bool {
	codes := map[string]int64{}
	size, full := 0, false
	note := func(s string) {
		if _, met := codes[s]; met || full {
			return
		}
		codes[s], size = 0, size+len(s)
		full = len(codes) > limit || size > column.MaxDictionary
	}
	c.each(func(_, from, n int) {
		for k := range n {
			note(c.old.Texts.Text(from + k))
		}
	}, func(_ int, ch *column.Chunk, i int) { note(ch.Text(i)) })
	if full {
		return false
	}
	texts := make([]string, 0, len(codes))
	for s := range codes {
		texts = append(texts, s)
	}
	slices.Sort(texts)
	for code, s := range texts {
		codes[s] = int64(code)
	}
	out.Dict, out.Ints = column.NewDictionary(texts), column.NewPacked(c.rows, 0, int64(max(len(texts)-1, 0)))
	c.each(func(at, from, n int) {
		for k := range n {
			out.Ints.Set(at+k, codes[c.old.Texts.Text(from+k)])
		}
	}, func(at int, ch *column.Chunk, i int) { out.Ints.Set(at, codes[ch.Text(i)]) })
	return true
}

func (c *columnMerge) arenaValues(out *column.Column) {
	w := column.ArenaWriter{Arena: column.NewArena(c.rows)}
	c.each(func(_, from, n int) {
		for k := range n {
			switch s := c.old.Text(from + k); {
			case c.old.IsNull(from + k):
				w.Add("")
			case len(s) > column.LongText && c.old.Texts != nil:
				w.AddLong(s) // it is one in the old arena: both refer to it
			default:
				w.Add(s)
			}
		}
	}, func(_ int, ch *column.Chunk, i int) { w.Add(ch.Text(i)) })
	w.Flush()
	out.Texts = w.Arena
}
