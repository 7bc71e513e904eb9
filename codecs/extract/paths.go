package extract

import (
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/jsontext"
)

// What is remembered of member names is bounded: a hostile topic has no end of them.
const (
	MaxNames    = 4096
	maxNameSize = 256
)

// A node is one level of the paths that a table asks for.
type node struct {
	name  string
	path  string // from the row, of one that was asked for
	slots []int  // what to fill with the value that is here
	deep  bool   // whether something below is asked for
	names map[string]*node
	order []*node // what was where in the last object; members keep their order from event to event
}

func newNode(name string) *node { return &node{name: name, names: map[string]*node{}} }

// add asks for the value at a dotted path. A member whose name is the whole path, dots
// and all, is found as well.
func (n *node) add(path string, slot int) {
	at := n
	for part := range strings.SplitSeq(path, ".") {
		if at.names[part] == nil {
			at.names[part] = newNode(part)
			at.names[part].path = strings.TrimPrefix(at.path+"."+part, ".")
		}
		at.deep = true
		at = at.names[part]
	}
	at.slots = append(at.slots, slot)
	if strings.Contains(path, ".") {
		if n.names[path] == nil {
			n.names[path] = newNode(path)
			n.names[path].path = path
		}
		n.names[path].slots = append(n.names[path].slots, slot)
	}
}

// child returns the node of the k-th member, which has the given name.
func (n *node) child(k int, name []byte) *node {
	if k < len(n.order) && n.order[k].name == string(name) {
		return n.order[k]
	}
	c := n.names[string(name)]
	if c == nil {
		if len(n.names) >= MaxNames || len(name) > maxNameSize {
			return &nobody
		}
		c = &node{name: string(name)}
		n.names[c.name] = c
	}
	switch {
	case k < len(n.order):
		n.order[k] = c
	case k == len(n.order) && k < MaxNames:
		n.order = append(n.order, c)
	}
	return c
}

// nobody is the node of members that nobody asks for and nobody remembers.
var nobody node

// each calls f with every slot below the node.
func (n *node) each(f func(slot int)) {
	for _, c := range n.names {
		for _, s := range c.slots {
			f(s)
		}
		c.each(f)
	}
}

// An Paths finds the values of declared paths in an object, in one pass.
type Paths struct {
	root    *node
	Raw     [][]byte // per slot, the text of the value; nil where there is none
	Missing []bool   // per slot, whether a placeholder is above it
	Filled  bool     // whether anything is set
	Once    bool     // a second value for one slot is a fault
	Watch   bool     // look for placeholders in members that nobody asked for, too
	Partial bool     // there was one
	Holder  *Placeholder
	others  []otherPlaces
	broken  []*codecs.Error // per slot, why the text that its path leads into cannot be read; nil where all can
}

// otherPlaces are the slots of a value's other paths.
type otherPlaces struct {
	slot   int
	others []int
}

// New makes an extractor of so many slots.
func New(slots int, p *Placeholder) *Paths {
	return &Paths{root: newNode(""), Raw: make([][]byte, slots), Missing: make([]bool, slots), Holder: p}
}

// Reset forgets the values of the last object.
func (x *Paths) Reset() {
	if x.Filled {
		clear(x.Raw)
		clear(x.Missing)
	}
	x.Filled, x.Partial, x.broken = false, false, nil
}

// Add asks for the value at a path, at a slot.
func (x *Paths) Add(path string, slot int) { x.root.add(path, slot) }

// Read reads the object at which s is.
func (x *Paths) Read(s *jsontext.Scanner) bool { return x.object(s, x.root, 0) }

// AddPlaces asks for a value at its first path, which is the slot's, and at its others,
// which take slots of their own.
func (x *Paths) AddPlaces(places []string, slot int) {
	x.Add(places[0], slot)
	if len(places) == 1 {
		return
	}
	o := otherPlaces{slot: slot}
	for _, path := range places[1:] {
		o.others = append(o.others, x.AddSlot(path))
	}
	x.others = append(x.others, o)
}

// AddTops asks for the topmost members of a row that paths lead through, at slots of their
// own. The row may be in a member itself, which the paths begin with then.
func (x *Paths) AddTops(member string, places []string) (slots []int) {
	if member != "" {
		member += "."
	}
	for _, path := range places {
		top, _, _ := strings.Cut(strings.TrimPrefix(path, member), ".")
		top = member + top
		slots = append(slots, x.AddSlot(top))
	}
	return slots
}

// AddSlot asks for the value at a path, at a slot of its own.
func (x *Paths) AddSlot(path string) (slot int) {
	slot = len(x.Raw)
	x.Add(path, slot)
	x.Raw, x.Missing = append(x.Raw, nil), append(x.Missing, false)
	return slot
}

// Settle fills the slots whose first path leads to nothing with what is at the
// first of the others that leads to something: null is something.
func (x *Paths) Settle() {
	for _, o := range x.others {
		for _, at := range o.others {
			if x.There(o.slot) {
				break
			}
			if x.There(at) {
				x.Raw[o.slot], x.Missing[o.slot] = x.Raw[at], x.Missing[at]
				if x.broken != nil {
					x.broken[o.slot] = x.broken[at]
				}
			}
		}
	}
}

// There reports whether something is at a slot's path: a value, a placeholder, or
// what cannot be read.
func (x *Paths) There(slot int) bool {
	return x.Raw[slot] != nil || x.Missing[slot] || x.Fault(slot) != nil
}

// Fault says why what a slot's path leads into cannot be read, and where that is.
func (x *Paths) Fault(slot int) *codecs.Error {
	if x.broken == nil {
		return nil
	}
	return x.broken[slot]
}

// breaks marks all slots below a node as leading into what cannot be read, also
// of those that were found before that was seen.
func (x *Paths) breaks(n *node, why string) {
	if x.broken == nil {
		x.broken = make([]*codecs.Error, len(x.Raw))
	}
	x.Filled = true
	err := &codecs.Error{Field: n.path, Reason: "a path leads into this text, which is " + why}
	n.each(func(slot int) {
		x.Raw[slot], x.Missing[slot], x.broken[slot] = nil, false, err
	})
}

// object reads the object at which s is, given the node of its level and the
// path that leads to it, for messages.
func (x *Paths) object(s *jsontext.Scanner, n *node, depth int) bool {
	if depth > jsontext.MaxDepth {
		return s.Fail("nested too deep")
	}
	for k, name := range s.Members() {
		x.value(s, n.child(k, name), depth)
	}
	return s.Fault == ""
}

// array reads the array at which s is; its elements are named 0, 1, 2 in paths.
func (x *Paths) array(s *jsontext.Scanner, n *node, depth int) bool {
	if depth > jsontext.MaxDepth {
		return s.Fail("nested too deep")
	}
	var name [20]byte
	for k := range s.Elements() {
		c := n.names[string(strconv.AppendInt(name[:0], int64(k), 10))]
		if c == nil {
			c = &nobody
		}
		x.value(s, c, depth)
	}
	return s.Fault == ""
}

// value reads the value at which s is.
func (x *Paths) value(s *jsontext.Scanner, n *node, depth int) {
	c := s.Peek()
	start := s.Pos()
	ok := true
	switch {
	case n.deep && c == '{':
		ok = x.object(s, n, depth+1)
	case n.deep && c == '[':
		ok = x.array(s, n, depth+1)
	default:
		ok = s.Skip(depth)
	}
	if !ok {
		return
	}
	raw := s.Since(start)
	for _, slot := range n.slots {
		if x.Once && x.Raw[slot] != nil {
			s.Fail("member " + n.name + " twice")
			return
		}
		x.Raw[slot], x.Missing[slot], x.Filled = raw, false, true
	}
	switch {
	case n.deep && x.Holder.Is(raw):
		n.each(func(slot int) { x.Raw[slot], x.Missing[slot], x.Filled = nil, true, true })
	case n.deep && c == '"':
		x.embedded(n, raw, depth)
	case x.Watch && depth == 0 && len(n.slots) == 0 && x.Holder.Is(raw):
		x.Partial = true
	}
}

// embedded looks for paths in JSON that is carried as text, as jsonb columns are. Text
// that is none concerns the columns below it, not the others of the row.
func (x *Paths) embedded(n *node, raw []byte, depth int) {
	text, ok := jsontext.Unquote(raw)
	in := jsontext.Scan(text)
	first := in.Peek()
	if first != '{' && first != '[' {
		return
	}
	switch {
	case !ok:
		in.Fail("half a surrogate pair in a string")
	case first == '{':
		x.object(&in, n, depth+1)
	default:
		x.array(&in, n, depth+1)
	}
	if !in.End() {
		x.breaks(n, in.Fault)
	}
}
