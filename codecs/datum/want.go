package datum

import "strings"

// Want says which parts of a datum somebody reads.
type Want struct {
	all   bool
	names map[string]*Want
}

// Everything wants all of a datum.
func Everything() *Want { return &Want{all: true} }

// Add wants what is at a dotted path, and all below it.
func (w *Want) Add(path string) {
	for part := range strings.SplitSeq(path, ".") {
		if w.names == nil {
			w.names = map[string]*Want{}
		}
		if w.names[part] == nil {
			w.names[part] = &Want{}
		}
		w = w.names[part]
	}
	w.all = true
}

// Plan is how to write the wanted parts of the data of one schema. It is not
// changed any more, so it may be shared.
type Plan struct{ root *step }

// A step writes one type, all of it or some of its fields.
type step struct {
	typ      *Type
	all      bool
	fields   []*step // of a record; nil for what nobody reads
	branches []*step // of a union
}

// Plan prepares to write what is wanted. Below the top level, what nobody reads is
// left out. At the top it is there as null: the names there distinguish a row from
// what else connectors write.
func (s *Schema) Plan(w *Want) *Plan {
	return &Plan{root: plan(s.Root, w)}
}

func plan(t *Type, w *Want) *step {
	st := &step{typ: t, all: w.all}
	if w.all {
		return st
	}
	switch t.kind {
	case union:
		for _, b := range t.branches {
			st.branches = append(st.branches, plan(b, w))
		}
	case record:
		st.fields = make([]*step, len(t.fields))
		for i := range t.fields {
			if sub := w.names[t.fields[i].name]; sub != nil {
				st.fields[i] = plan(t.fields[i].typ, sub)
			}
		}
	default: // a path into a map, an array or a text: its reader finds the way
		st.all = true
	}
	return st
}
