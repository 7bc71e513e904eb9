package datum

import (
	"unsafe"

	"github.com/tidemark/tidemark/tables"
)

// array writes the elements of an array; pairs of key and value become an object.
func (w *writer) array(t *Type) bool {
	if t.pairs {
		return w.blocks('{', '}', t.items, 0, func() bool { return w.pair(t.items) })
	}
	return w.blocks('[', ']', t.items, 0, func() bool { return w.value(t.items) })
}

func (w *writer) mapping(t *Type) bool {
	return w.blocks('{', '}', t.items, 1, func() bool {
		k, ok := w.text()
		if !ok {
			return false
		}
		w.key(k)
		return w.value(t.items)
	})
}

// pair writes a record of key and value as the member of an object.
func (w *writer) pair(t *Type) bool {
	if !w.step() {
		return false
	}
	kt := t.fields[0].typ
	if kt.kind == union {
		i, ok := w.index(len(kt.branches))
		if !ok {
			return false
		}
		if kt = kt.branches[i]; kt.kind == null {
			return w.fail("a map with null for a key")
		}
	}
	k, ok := w.text()
	if !ok {
		return false
	}
	w.key(k)
	return w.value(t.fields[1].typ)
}

func (w *writer) key(k []byte) {
	w.out = tables.AppendJSONString(w.out, unsafe.String(unsafe.SliceData(k), len(k)))
	w.out = append(w.out, ':')
}

// blocks writes the elements of an array or a map, block by block.
func (w *writer) blocks(open, end byte, items *Type, keys int, element func() bool) bool {
	if !w.down() {
		return false
	}
	start := len(w.out)
	w.out = append(w.out, open)
	for {
		count, _, ok := w.block(items, keys)
		if !ok {
			return false
		}
		if count == 0 {
			w.depth--
			return w.close(end)
		}
		for ; count > 0; count-- {
			w.comma(start)
			if !element() || !w.room() {
				return false
			}
		}
	}
}
