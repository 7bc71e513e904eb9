package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tidemark/tidemark/views/query"
)

// reader walks the nodes of a file and collects what is wrong with them, so that
// one run reports everything.
type reader struct {
	file   string
	env    Lookup
	faults Faults

	registry bool      // whether there is a schema registry, for tables in Avro
	included []*reader // of the files that this one includes
}

func (r *reader) fault(n *yaml.Node, path, format string, args ...any) {
	r.faults = append(r.faults, Fault{
		File: r.file, Line: n.Line, Column: n.Column, Path: path, Message: fmt.Sprintf(format, args...),
	})
}

// object is a mapping whose keys have been checked. The zero object has no keys.
type object struct {
	r      *reader
	node   *yaml.Node
	path   string
	values map[string]*yaml.Node
	keys   map[string]*yaml.Node
	ok     bool
}

// object reads a mapping: no key twice, none but the known ones.
func (r *reader) object(n *yaml.Node, path string, known ...string) object {
	n = resolve(n)
	o := object{r: r, node: n, path: path, values: map[string]*yaml.Node{}, keys: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		r.fault(n, path, "want keys and values, found %s", describe(n))
		return o
	}
	o.ok = true
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := key.Value
		if first, twice := o.keys[name]; twice {
			r.fault(key, o.at(name), "the key is given twice, first in line %d", first.Line)
			continue
		}
		o.keys[name] = key
		if !slices.Contains(known, name) {
			r.fault(key, o.at(name), "unknown key%s", suggest(name, known))
			continue
		}
		o.values[name] = resolve(value)
	}
	return o
}

// suggest ends a message with the nearest valid name, or with all of them.
func suggest(name string, valid []string) string {
	if near := query.Nearest(name, valid); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	if len(valid) == 0 {
		return ""
	}
	return "; known here: " + strings.Join(valid, ", ")
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// at is the path of one of the object's keys.
func (o object) at(key string) string {
	if o.path == "" {
		return key
	}
	return o.path + "." + key
}

// has reports whether the key is there, with whatever value.
func (o object) has(key string) bool { return o.values[key] != nil }

// fault complains about a key at its value, or, when it is missing, at the object.
func (o object) fault(key, format string, args ...any) {
	n := o.values[key]
	if n == nil {
		n = o.node
	}
	o.r.fault(n, o.at(key), format, args...)
}

// need complains when a key is missing.
func (o object) need(key, what string) bool {
	if o.has(key) {
		return true
	}
	if o.ok && o.keys[key] == nil {
		o.r.fault(o.node, o.path, "%s is missing: %s", key, what)
	}
	return false
}

// mapping reads the mapping under a key; ok is false when there is none.
func (o object) mapping(key string, known ...string) object {
	n := o.values[key]
	if n == nil {
		return object{r: o.r, path: o.at(key)}
	}
	return o.r.object(n, o.at(key), known...)
}

// item is an element of a list.
type item struct {
	node *yaml.Node
	path string
}

// list reads the list under a key; none is an empty one.
func (o object) list(key string) []item {
	n := o.values[key]
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		o.fault(key, "want a list, found %s", describe(n))
		return nil
	}
	out := make([]item, len(n.Content))
	for i, c := range n.Content {
		out[i] = item{resolve(c), fmt.Sprintf("%s[%d]", o.at(key), i)}
	}
	return out
}

// describe names what a node is, for "found ...".
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!bool", "!!int", "!!float":
		return n.Value
	}
	return fmt.Sprintf("%q", clip(n.Value))
}

func clip(s string) string {
	const most = 60
	if len(s) > most {
		return s[:most-3] + "..."
	}
	return s
}

// unsupported complains about a key whose feature this version does not have.
func (o object) unsupported(key, feature string) {
	if o.has(key) {
		o.r.fault(o.keys[key], o.at(key), "this version does not support %s; take the key out", feature)
	}
}
