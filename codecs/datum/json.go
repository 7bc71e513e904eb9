package datum

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"unsafe"

	"github.com/tidemark/tidemark/tables"
)

// Fault is what is wrong with a datum.
type Fault struct {
	Path   string // of the field, empty for the whole
	Reason string
}

// A writer writes a datum as JSON.
type writer struct {
	reader
	out  []byte
	most int // length of out
}

// Append appends the JSON of a datum to dst. All of data belongs to it. On a fault
// dst is returned as it was given.
func (p *Plan) Append(dst, data []byte) ([]byte, *Fault) {
	w := writer{reader: newReader(data), out: dst}
	w.most = len(dst) + min(outRoom+outFactor*len(data), outMost)
	ok := w.top(p.root)
	if ok && w.i < len(data) {
		ok = w.fail("no Avro of this schema: %d bytes are left over", len(data)-w.i)
	}
	if !ok {
		return dst, &Fault{Path: w.where, Reason: w.fault}
	}
	return w.out, nil
}

// top writes the datum itself, with the names of all its fields.
func (w *writer) top(st *step) bool {
	if st.typ.kind == union && !st.all {
		i, ok := w.index(len(st.branches))
		return ok && w.top(st.branches[i])
	}
	if st.typ.kind != record || st.all {
		return w.step1(st)
	}
	return w.fields(st, true)
}

// step1 writes what a step wants.
func (w *writer) step1(st *step) bool {
	if st.all {
		return w.value(st.typ)
	}
	if st.typ.kind == union {
		i, ok := w.index(len(st.branches))
		return ok && w.step1(st.branches[i])
	}
	return w.fields(st, false)
}

// fields writes the wanted fields of a record; named says to name the others.
func (w *writer) fields(st *step, named bool) bool {
	if !w.down() || !w.step() {
		return false
	}
	open := len(w.out)
	w.out = append(w.out, '{')
	for i := range st.typ.fields {
		f := &st.typ.fields[i]
		sub := st.fields[i]
		if sub == nil && !named {
			if !w.skip(f.typ) {
				return w.at(f.name)
			}
			continue
		}
		w.comma(open)
		w.out = append(w.out, f.json...)
		if sub != nil {
			if !w.step1(sub) {
				return w.at(f.name)
			}
			continue
		}
		w.out = append(w.out, "null"...)
		if !w.skip(f.typ) {
			return w.at(f.name)
		}
	}
	w.depth--
	return w.close('}')
}

// comma separates from what is before, if anything does since the bracket at open.
func (w *writer) comma(open int) {
	if len(w.out) > open+1 {
		w.out = append(w.out, ',')
	}
}

func (w *writer) close(bracket byte) bool {
	w.out = append(w.out, bracket)
	return w.room()
}

// room checks that what was written stays within its bounds.
func (w *writer) room() bool {
	if len(w.out) > w.most {
		return w.fail("it unfolds to more than %d bytes", w.most)
	}
	return true
}

// value writes all of a datum of the type.
func (w *writer) value(t *Type) bool {
	if !w.step() {
		return false
	}
	switch t.kind {
	case null:
		w.out = append(w.out, "null"...)
	case boolean:
		return w.boolean()
	case integer:
		n, ok := w.long()
		w.out = strconv.AppendInt(w.out, n, 10)
		return ok
	case float, double:
		return w.number(t)
	case raw:
		b, ok := w.bytes()
		w.base64(b)
		return ok && w.room()
	case fixed:
		return w.fixed(t)
	case text:
		b, ok := w.text()
		w.out = tables.AppendJSONString(w.out, unsafe.String(unsafe.SliceData(b), len(b)))
		return ok && w.room()
	case enum:
		i, ok := w.index(len(t.symbols))
		if ok {
			w.out = append(w.out, t.symbols[i]...)
		}
		return ok && w.room()
	case union:
		i, ok := w.index(len(t.branches))
		return ok && w.value(t.branches[i])
	case record:
		return w.record(t)
	case array:
		return w.array(t)
	case mapping:
		return w.mapping(t)
	}
	return true
}

func (w *writer) boolean() bool {
	b, ok := w.take(1)
	switch {
	case !ok:
		return false
	case b[0] > 1:
		return w.fail("no Avro of this schema: a bool of %d", b[0])
	}
	w.out = strconv.AppendBool(w.out, b[0] == 1)
	return true
}

// number writes a float with the fewest digits that distinguish it from others of its
// width, and what JSON has no number for as text.
func (w *writer) number(t *Type) bool {
	var f float64
	bits := 64
	if t.kind == float {
		b, ok := w.take(4)
		if !ok {
			return false
		}
		f, bits = float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), 32
	} else {
		b, ok := w.take(8)
		if !ok {
			return false
		}
		f = math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	switch {
	case math.IsNaN(f):
		w.out = append(w.out, `"NaN"`...)
	case math.IsInf(f, 1):
		w.out = append(w.out, `"Infinity"`...)
	case math.IsInf(f, -1):
		w.out = append(w.out, `"-Infinity"`...)
	default:
		form := byte('f')
		if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
			form = 'e'
		}
		w.out = strconv.AppendFloat(w.out, f, form, -1, bits)
	}
	return true
}

func (w *writer) base64(b []byte) {
	w.out = append(w.out, '"')
	w.out = base64.StdEncoding.AppendEncode(w.out, b)
	w.out = append(w.out, '"')
}

// fixed writes bytes, and the two kinds of them that have a text of their own.
func (w *writer) fixed(t *Type) bool {
	b, ok := w.take(int64(t.size))
	switch {
	case !ok:
		return false
	case t.isUUID():
		w.out = fmt.Appendf(w.out, `"%x-%x-%x-%x-%x"`, b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	case t.isDuration():
		ms := binary.LittleEndian.Uint32(b[8:])
		w.out = fmt.Appendf(w.out, `"P%dM%dDT%d.%03dS"`,
			binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), ms/1000, ms%1000)
	default:
		w.base64(b)
	}
	return w.room()
}

func (t *Type) isUUID() bool {
	return t.kind == fixed && t.size == 16 && (t.logical == "uuid" || t.connect == "io.debezium.data.Uuid")
}

func (t *Type) isDuration() bool { return t.kind == fixed && t.size == 12 && t.logical == "duration" }

func (w *writer) record(t *Type) bool {
	if !w.down() {
		return false
	}
	w.out = append(w.out, '{')
	for i := range t.fields {
		f := &t.fields[i]
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = append(w.out, f.json...)
		if !w.value(f.typ) {
			return w.at(f.name)
		}
	}
	w.depth--
	return w.close('}')
}
