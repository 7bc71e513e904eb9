package codecs

import (
	"strconv"
	"strings"
)

// What a node remembers of member names is bounded: a hostile topic has no end of them.
const (
	maxNames    = 4096
	maxNameSize = 256
)

// A node is one level of the paths that a table asks for.
type node struct {
	name  string
	slots []int // what to fill with the value that stands here
	deep  bool  // whether something below is asked for
	names map[string]*node
	order []*node // what stood where in the last object; members keep their order from event to event
}

func newNode(name string) *node { return &node{name: name, names: map[string]*node{}} }

// add asks for the value at a dotted path. A member whose name is the whole path, dots
// and all, is found as well.
func (n *node) add(path string, slot int) {
	at := n
	for part := range strings.SplitSeq(path, ".") {
		if at.names[part] == nil {
			at.names[part] = newNode(part)
		}
		at.deep = true
		at = at.names[part]
	}
	at.slots = append(at.slots, slot)
	if strings.Contains(path, ".") {
		if n.names[path] == nil {
			n.names[path] = newNode(path)
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
		if len(n.names) >= maxNames || len(name) > maxNameSize {
			return &nobody
		}
		c = &node{name: string(name)}
		n.names[c.name] = c
	}
	switch {
	case k < len(n.order):
		n.order[k] = c
	case k == len(n.order) && k < maxNames:
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

// An extractor finds the values of declared paths in an object, in one pass.
type extractor struct {
	root    *node
	raw     [][]byte // per slot, the text of the value; nil where there is none
	missing []bool   // per slot, whether a placeholder stands above it
	filled  bool     // whether anything is set
	once    bool     // a second value for one slot is a fault
	watch   bool     // look for placeholders in members that nobody asked for, too
	partial bool     // there was one
	holder  *placeholder
	fault   *Error
}

func newExtractor(slots int, p *placeholder) *extractor {
	return &extractor{root: newNode(""), raw: make([][]byte, slots), missing: make([]bool, slots), holder: p}
}

func (x *extractor) reset() {
	if x.filled {
		clear(x.raw)
		clear(x.missing)
	}
	x.filled, x.partial, x.fault = false, false, nil
}

// object reads the object at which s stands, given the node of its level and the
// path that leads to it, for messages.
func (x *extractor) object(s *scanner, n *node, depth int) bool {
	if !s.enter('{') {
		return false
	}
	if depth > maxDepth {
		return s.fail("nested too deep")
	}
	for k := 0; ; k++ {
		name, ok := s.member(k == 0)
		if !ok {
			return s.fault == ""
		}
		if !x.value(s, n.child(k, name), depth) {
			return false
		}
	}
}

// array reads the array at which s stands; its elements are named 0, 1, 2 in paths.
func (x *extractor) array(s *scanner, n *node, depth int) bool {
	if !s.enter('[') {
		return false
	}
	if depth > maxDepth {
		return s.fail("nested too deep")
	}
	var name [20]byte
	for k := 0; s.element(k == 0); k++ {
		c := n.names[string(strconv.AppendInt(name[:0], int64(k), 10))]
		if c == nil {
			c = &nobody
		}
		if !x.value(s, c, depth) {
			return false
		}
	}
	return s.fault == ""
}

func (x *extractor) value(s *scanner, n *node, depth int) bool {
	c := s.peek()
	start := s.i
	ok := true
	switch {
	case n.deep && c == '{':
		ok = x.object(s, n, depth+1)
	case n.deep && c == '[':
		ok = x.array(s, n, depth+1)
	default:
		ok = s.skip(depth)
	}
	if !ok {
		return false
	}
	raw := s.b[start:s.i:s.i]
	for _, slot := range n.slots {
		if x.once && x.raw[slot] != nil {
			return s.fail("member " + n.name + " twice")
		}
		x.raw[slot], x.missing[slot], x.filled = raw, false, true
	}
	switch {
	case n.deep && x.holder.is(raw):
		n.each(func(slot int) { x.raw[slot], x.missing[slot], x.filled = nil, true, true })
	case n.deep && c == '"':
		return x.embedded(s, n, raw, depth)
	case x.watch && depth == 0 && len(n.slots) == 0 && x.holder.is(raw):
		x.partial = true
	}
	return true
}

// embedded looks for paths in JSON that is carried as text, as jsonb columns are.
func (x *extractor) embedded(s *scanner, n *node, raw []byte, depth int) bool {
	text, ok := unquote(raw)
	in := scanner{b: text}
	first := in.peek()
	if !ok || first != '{' && first != '[' {
		return true
	}
	if first == '{' {
		ok = x.object(&in, n, depth+1)
	} else {
		ok = x.array(&in, n, depth+1)
	}
	if !ok || !in.end() {
		if x.fault == nil {
			x.fault = &Error{Field: n.name, Reason: "a path leads into this text, which is " + in.fault}
		}
		return s.fail("text that is none")
	}
	return true
}
