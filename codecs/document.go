package codecs

import (
	"github.com/tidemark/tidemark/tables"
)

// MergeDocument returns a row's document with the members that the event did not
// carry, which hold the source's placeholder, taken from the stored document;
// null where nothing is stored. The placeholder itself never stays. Without
// placeholders the document is returned as it is; stored may be nil.
func MergeDocument(t *tables.Table, document, stored []byte) []byte {
	p := newPlaceholder(t.Source.Placeholder)
	holes := findHoles(document, p)
	if len(holes) == 0 {
		return document
	}
	fill := membersNamed(stored, holes)
	out := make([]byte, 0, len(document)+64)
	at := 0
	for _, h := range holes {
		out = append(out, document[at:h.start]...)
		if v := fill[h.name]; v != nil && !p.is(v) {
			out = append(out, v...)
		} else {
			out = append(out, "null"...)
		}
		at = h.end
	}
	return append(out, document[at:]...)
}

// A hole is a member of a document whose value is a placeholder.
type hole struct {
	name       string
	start, end int
}

func findHoles(document []byte, p *placeholder) []hole {
	var out []hole
	s := scanner{b: document}
	if !s.enter('{') {
		return nil
	}
	for first := true; ; first = false {
		name, ok := s.member(first)
		if !ok {
			return out
		}
		v := s.value()
		if p.is(v) {
			out = append(out, hole{name: string(name), start: s.i - len(v), end: s.i})
		}
	}
}

// membersNamed returns the values of the members that fill the holes.
func membersNamed(document []byte, holes []hole) map[string][]byte {
	out := make(map[string][]byte, len(holes))
	for _, h := range holes {
		out[h.name] = nil
	}
	s := scanner{b: document}
	if !s.enter('{') {
		return out
	}
	for first := true; ; first = false {
		name, ok := s.member(first)
		if !ok {
			return out
		}
		v := s.value()
		if _, wanted := out[string(name)]; wanted {
			out[string(name)] = v
		}
	}
}
