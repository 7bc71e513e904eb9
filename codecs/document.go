package codecs

import (
	"bytes"

	"github.com/tidemark/tidemark/tables"
)

// MergeDocument returns a row's document with the members that the event did not
// carry, which hold the source's placeholder, taken from the stored document;
// null where nothing is stored. The placeholder itself never stays. Where the source
// leaves out what did not change, the stored members stay as well. Without
// placeholders the document is returned as it is; stored may be nil.
func MergeDocument(t *tables.Table, document, stored []byte) []byte {
	return DocumentMerger(t)(document, stored)
}

// DocumentMerger is MergeDocument for a table whose documents are many.
func DocumentMerger(t *tables.Table) func(document, stored []byte) []byte {
	p, keep := newPlaceholder(t.Source.Placeholder), t.Source.Missing == tables.MissingKeep
	return func(document, stored []byte) []byte {
		out := fillHoles(document, stored, p)
		if keep {
			return addMembers(out, stored)
		}
		return out
	}
}

func fillHoles(document, stored []byte, p *placeholder) []byte {
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

// addMembers appends the stored members that a document does not have.
func addMembers(document, stored []byte) []byte {
	has := map[string]bool{}
	s := scanner{b: document}
	if !s.enter('{') {
		return document
	}
	for first := true; ; first = false {
		name, ok := s.member(first)
		if !ok {
			break
		}
		has[string(name)] = true
		s.value()
	}
	old := scanner{b: stored}
	if s.fault != "" || !old.enter('{') {
		return document
	}
	end := bytes.LastIndexByte(document, '}')
	out := bytes.Clone(document[:end])
	for first := true; ; first = false {
		name, ok := old.member(first)
		if !ok {
			break
		}
		text := string(name)
		v := old.value()
		if v == nil || has[text] {
			continue
		}
		if len(has) > 0 {
			out = append(out, ',')
		}
		has[text] = true
		out = append(tables.AppendJSONString(out, text), ':')
		out = append(out, v...)
	}
	if old.fault != "" {
		return document
	}
	return append(out, document[end:]...)
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
