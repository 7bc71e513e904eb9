package store

import "slices"

// textValues keeps texts as codes of a dictionary while the distinct ones are few,
// and else in an arena.
func (c *columnMerge) textValues(out *column) {
	limit := c.v.layout.tuning.dictionaryLimit(c.rows)
	if c.old.dict != nil {
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
func (c *columnMerge) codeValues(out *column, limit int) bool {
	old := c.old.dict
	codes := make(map[string]int64, 1024) // of added texts
	var fresh []string
	size := len(old.buf)
	for n := range c.added {
		ch, i := c.addedRow(n)
		if ch.states[i] != present {
			continue
		}
		s := ch.text(i)
		if _, met := codes[s]; met {
			continue
		}
		code, found := old.find(s)
		codes[s] = int64(code)
		if !found {
			fresh, size = append(fresh, s), size+len(s)
			if old.len()+len(fresh) > limit || size > maxDictionary {
				return false
			}
		}
	}
	if old.len() > 2*limit {
		return false
	}
	merged, moved := old, []int64(nil)
	if len(fresh) > 0 {
		slices.Sort(fresh)
		merged, moved = mergeDictionaries(old, fresh)
		for s := range codes {
			code, _ := merged.find(s)
			codes[s] = int64(code)
		}
	}
	out.dict, out.ints = merged, newPacked(c.rows, 0, int64(max(merged.len()-1, 0)))
	c.each(func(at, from, n int) {
		if moved == nil {
			out.ints.convert(at, &c.old.ints, from, n)
			return
		}
		if len(moved) == 0 { // only nulls until now
			return
		}
		for k := range n {
			out.ints.set(at+k, moved[c.old.ints.delta(from+k)])
		}
	}, func(at int, ch *chunkColumn, i int) {
		if ch.states[i] == present {
			out.ints.set(at, codes[ch.text(i)])
		}
	})
	return true
}

// mergeDictionaries returns the dictionary of the old texts and the fresh ones, which are
// sorted, and the new code of each old one.
func mergeDictionaries(old *dictionary, fresh []string) (*dictionary, []int64) {
	all := make([]string, 0, old.len()+len(fresh))
	moved := make([]int64, old.len())
	for code := range old.len() {
		s := old.text(code)
		for len(fresh) > 0 && fresh[0] < s {
			all, fresh = append(all, fresh[0]), fresh[1:]
		}
		moved[code] = int64(len(all))
		all = append(all, s)
	}
	return dictionaryOf(append(all, fresh...)), moved
}

// repetitive looks at some of an arena's texts and reports whether a dictionary may pay.
func (c *columnMerge) repetitive() bool {
	rows, sample := c.v.base.rows, c.v.layout.tuning.sample
	if rows < 2*sample {
		return false
	}
	seen := make(map[string]struct{}, sample)
	for i := range sample {
		seen[c.old.texts.text(i*(rows/sample))] = struct{}{}
	}
	return len(seen) <= sample/2
}

// encodeValues makes a dictionary of an arena's texts and the added ones. It gives
// up when there are more than limit.
func (c *columnMerge) encodeValues(out *column, limit int) bool {
	codes := map[string]int64{}
	size, full := 0, false
	note := func(s string) {
		if _, met := codes[s]; met || full {
			return
		}
		codes[s], size = 0, size+len(s)
		full = len(codes) > limit || size > maxDictionary
	}
	c.each(func(_, from, n int) {
		for k := range n {
			note(c.old.texts.text(from + k))
		}
	}, func(_ int, ch *chunkColumn, i int) { note(ch.text(i)) })
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
	out.dict, out.ints = dictionaryOf(texts), newPacked(c.rows, 0, int64(max(len(texts)-1, 0)))
	c.each(func(at, from, n int) {
		for k := range n {
			out.ints.set(at+k, codes[c.old.texts.text(from+k)])
		}
	}, func(at int, ch *chunkColumn, i int) { out.ints.set(at, codes[ch.text(i)]) })
	return true
}

func (c *columnMerge) arenaValues(out *column) {
	w := arenaWriter{a: newArena(c.rows)}
	c.each(func(_, from, n int) {
		for k := range n {
			switch s := c.old.text(from + k); {
			case c.old.isNull(from + k):
				w.add("")
			case len(s) > longText && c.old.texts != nil:
				w.addLong(s) // it is one in the old arena: both refer to it
			default:
				w.add(s)
			}
		}
	}, func(_ int, ch *chunkColumn, i int) { w.add(ch.text(i)) })
	w.flush()
	out.texts = w.a
}
