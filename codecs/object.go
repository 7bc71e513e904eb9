package codecs

import (
	"unicode/utf8"

	"github.com/tidemark/tidemark/tables"
)

// An object is the members of a JSON object in their order, to be written again.
type object []member

type member struct {
	name  string
	value []byte // JSON text
}

// readObject returns the members of an object; of several of one name the last
// counts. ok is false when b is none.
func readObject(b []byte) (o object, ok bool) {
	s := scanning(b)
	if s.peek() != '{' || !utf8.Valid(b) {
		return nil, false
	}
	for _, name := range s.members() {
		if v := s.value(); v != nil {
			o = append(o, member{string(name), v})
		}
	}
	return o, s.end()
}

// get returns the value of the last member of a name, or nil.
func (o object) get(name string) []byte {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].name == name {
			return o[i].value
		}
	}
	return nil
}

// set gives a member another value, behind all others where it is new.
func (o *object) set(name string, value []byte) {
	all := *o
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].name == name {
			all[i].value = value
			return
		}
	}
	*o = append(all, member{name, value})
}

// append writes the object.
func (o object) append(dst []byte) []byte {
	dst = append(dst, '{')
	for i, f := range o {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = tables.AppendJSONString(dst, f.name)
		dst = append(dst, ':')
		dst = append(dst, f.value...)
	}
	return append(dst, '}')
}

// elements returns the elements of an array; of anything else none.
func elements(b []byte) [][]byte {
	s := scanning(b)
	var out [][]byte
	if s.list(func() { out = append(out, s.value()) }); s.fault != "" {
		return nil
	}
	return out
}
