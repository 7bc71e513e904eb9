package extract

import (
	"bytes"

	"github.com/tidemark/tidemark/codecs/jsontext"
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
	p, keep := NewPlaceholder(t.Source.Placeholder), t.Source.Missing == tables.MissingKeep
	return func(document, stored []byte) []byte {
		out := fillHoles(document, stored, p)
		if keep {
			return addMembers(out, stored)
		}
		return out
	}
}

func fillHoles(document, stored []byte, p *Placeholder) []byte {
	holes := findHoles(document, p)
	if len(holes) == 0 {
		return document
	}
	fill := membersNamed(stored, holes)
	out := make([]byte, 0, len(document)+64)
	at := 0
	for _, h := range holes {
		out = append(out, document[at:h.start]...)
		if v := fill[h.name]; v != nil && !p.Is(v) {
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

func findHoles(document []byte, p *Placeholder) []hole {
	var out []hole
	s := jsontext.Scan(document)
	for _, name := range s.Members() {
		if v := s.Value(); p.Is(v) {
			out = append(out, hole{name: string(name), start: s.Pos() - len(v), end: s.Pos()})
		}
	}
	return out
}

// addMembers appends the stored members that a document does not have.
func addMembers(document, stored []byte) []byte {
	has := map[string]bool{}
	s := jsontext.Scan(document)
	for _, name := range s.Members() {
		has[string(name)] = true
		s.Value()
	}
	old := jsontext.Scan(stored)
	if s.Fault != "" || old.Peek() != '{' {
		return document
	}
	end := bytes.LastIndexByte(document, '}')
	out := bytes.Clone(document[:end])
	for _, name := range old.Members() {
		text := string(name)
		v := old.Value()
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
	if old.Fault != "" {
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
	s := jsontext.Scan(document)
	for _, name := range s.Members() {
		v := s.Value()
		if _, wanted := out[string(name)]; wanted {
			out[string(name)] = v
		}
	}
	return out
}
