package datum

import (
	"fmt"
	"unicode/utf8"
)

// Bounds on what a datum may unfold to. A byte of it can stand for a field whose
// name fills pages, for a record of nulls, or for the count of an array whose
// elements take no room.
const (
	outRoom   = 1 << 20 // bytes of JSON, and
	outFactor = 64      // as many for each byte of the datum, up to
	outMost   = 256 << 20

	stepRoom   = 1 << 16 // values, and
	stepFactor = 64      // as many for each byte of the datum

	maxDepth = 1000 // of records, arrays and maps in each other
)

// A reader walks a datum once. Of several faults the first is kept.
type reader struct {
	in    []byte
	i     int
	steps int
	depth int
	fault string
	where string // the path of the fault
}

func newReader(in []byte) reader {
	return reader{in: in, steps: stepRoom + stepFactor*len(in)}
}

func (r *reader) fail(format string, args ...any) bool {
	if r.fault == "" {
		r.fault = fmt.Sprintf(format, args...)
	}
	return false
}

// at puts a field's name in front of the path of a fault.
func (r *reader) at(name string) bool {
	if r.where != "" {
		name += "." + r.where
	}
	r.where = name
	return false
}

// step counts a value.
func (r *reader) step() bool {
	if r.steps--; r.steps < 0 {
		return r.fail("no Avro of this schema: it claims far more values than it has bytes")
	}
	return true
}

func (r *reader) down() bool {
	if r.depth++; r.depth > maxDepth {
		return r.fail("nested deeper than %d levels", maxDepth)
	}
	return true
}

// long reads an integer of up to 64 bits.
func (r *reader) long() (int64, bool) {
	var u uint64
	for shift := 0; shift < 64; shift += 7 {
		if r.i >= len(r.in) {
			return 0, r.fail("no Avro of this schema: the data end in a number")
		}
		c := r.in[r.i]
		r.i++
		if shift == 63 && c > 1 {
			break
		}
		u |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return int64(u>>1) ^ -int64(u&1), true
		}
	}
	return 0, r.fail("no Avro of this schema: a number of more than 64 bits at byte %d", r.i)
}

// take returns the next n bytes.
func (r *reader) take(n int64) ([]byte, bool) {
	if n < 0 || n > int64(len(r.in)-r.i) {
		return nil, r.fail("no Avro of this schema: a length of %d at byte %d, with %d bytes left", n, r.i, len(r.in)-r.i)
	}
	b := r.in[r.i : r.i+int(n)]
	r.i += int(n)
	return b, true
}

// bytes reads a length and as many bytes.
func (r *reader) bytes() ([]byte, bool) {
	n, ok := r.long()
	if !ok {
		return nil, false
	}
	return r.take(n)
}

func (r *reader) text() ([]byte, bool) {
	b, ok := r.bytes()
	if ok && !utf8.Valid(b) {
		return nil, r.fail("the bytes are no UTF-8 text")
	}
	return b, ok
}

// index reads which of n branches or symbols follows.
func (r *reader) index(n int) (int, bool) {
	i, ok := r.long()
	if !ok || i < 0 || i >= int64(n) {
		return 0, ok && r.fail("no Avro of this schema: choice %d of %d", i, n)
	}
	return int(i), true
}

// block reads how many elements follow, 0 at the end, and how many bytes they
// take where the writer says so, else -1.
func (r *reader) block(items *Type, perItem int) (count, size int64, ok bool) {
	if count, ok = r.long(); !ok {
		return 0, 0, false
	}
	size = -1
	if count < 0 {
		if size, ok = r.long(); !ok {
			return 0, 0, false
		}
		count = -count // of the least number it stays negative
		if size < 0 || size > int64(len(r.in)-r.i) {
			return 0, 0, r.fail("no Avro of this schema: a block of %d bytes with %d left", size, len(r.in)-r.i)
		}
	}
	if each := int64(items.minSize() + perItem); count < 0 || each > 0 && count > int64(len(r.in)-r.i) {
		return 0, 0, r.fail("no Avro of this schema: %d elements in %d bytes", count, len(r.in)-r.i)
	}
	return count, size, true
}

// skip passes over a datum of the type.
func (r *reader) skip(t *Type) bool {
	if !r.step() {
		return false
	}
	var ok bool
	switch t.kind {
	case null:
		return true
	case boolean:
		_, ok = r.take(1)
	case integer:
		_, ok = r.long()
	case enum:
		_, ok = r.index(len(t.symbols))
	case float:
		_, ok = r.take(4)
	case double:
		_, ok = r.take(8)
	case raw, text:
		_, ok = r.bytes()
	case fixed:
		_, ok = r.take(int64(t.size))
	case union:
		var i int
		if i, ok = r.index(len(t.branches)); ok {
			ok = r.skip(t.branches[i])
		}
	case record:
		ok = r.skipFields(t)
	case array:
		ok = r.skipBlocks(t.items, 0)
	case mapping:
		ok = r.skipBlocks(t.items, 1)
	}
	return ok
}

func (r *reader) skipFields(t *Type) bool {
	if !r.down() {
		return false
	}
	for i := range t.fields {
		if !r.skip(t.fields[i].typ) {
			return r.at(t.fields[i].name)
		}
	}
	r.depth--
	return true
}

// skipBlocks passes over the elements of an array, or of a map, whose elements have
// a key in front.
func (r *reader) skipBlocks(items *Type, keys int) bool {
	if !r.down() {
		return false
	}
	for {
		count, size, ok := r.block(items, keys)
		switch {
		case !ok:
			return false
		case count == 0:
			r.depth--
			return true
		case size >= 0:
			r.i += int(size)
			continue
		}
		for ; count > 0; count-- {
			if keys > 0 {
				if _, ok := r.bytes(); !ok {
					return false
				}
			}
			if !r.skip(items) {
				return false
			}
		}
	}
}
