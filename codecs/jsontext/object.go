package jsontext

import (
	"unicode/utf8"

	"github.com/tidemark/tidemark/tables"
)

// An Object is the members of a JSON object in their order, to be written again.
type Object []Member

// A Member is one of them.
type Member struct {
	Name  string
	Value []byte // JSON text
}

// ReadObject returns the members of an object; of several of one name the last
// counts. ok is false when b is none.
func ReadObject(b []byte) (o Object, ok bool) {
	s := Scan(b)
	if s.Peek() != '{' || !utf8.Valid(b) {
		return nil, false
	}
	for _, name := range s.Members() {
		if v := s.Value(); v != nil {
			o = append(o, Member{string(name), v})
		}
	}
	return o, s.End()
}

// Get returns the value of the last member of a name, or nil.
func (o Object) Get(name string) []byte {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].Name == name {
			return o[i].Value
		}
	}
	return nil
}

// Set gives a member another value, behind all others where it is new.
func (o *Object) Set(name string, value []byte) {
	all := *o
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Name == name {
			all[i].Value = value
			return
		}
	}
	*o = append(all, Member{name, value})
}

// Append writes the object.
func (o Object) Append(dst []byte) []byte {
	dst = append(dst, '{')
	for i, f := range o {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = tables.AppendJSONString(dst, f.Name)
		dst = append(dst, ':')
		dst = append(dst, f.Value...)
	}
	return append(dst, '}')
}

// Elements returns the elements of an array; of anything else none.
func Elements(b []byte) [][]byte {
	s := Scan(b)
	var out [][]byte
	if s.List(func() { out = append(out, s.Value()) }); s.Fault != "" {
		return nil
	}
	return out
}
