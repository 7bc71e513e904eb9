package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

func (o object) columns() []tables.Column {
	if !o.need("columns", "a list of {name: ..., type: ...}") {
		return nil
	}
	items := o.list("columns")
	if len(items) == 0 && !o.failed("columns") {
		o.fault("columns", "the list is empty: want at least the columns of the key")
	}
	var out []tables.Column
	first := map[string]int{}
	for _, it := range items {
		obj := o.r.object(joinDecimal(it.node), it.path, keysOf("tables[].columns[]")...)
		if !obj.ok {
			continue
		}
		c := obj.column()
		if line, twice := first[c.Name]; twice && c.Name != "" {
			obj.fault("name", "a column %s stands in line %d already", c.Name, line)
		}
		first[c.Name] = obj.node.Line
		out = append(out, c)
	}
	return out
}

func (o object) column() tables.Column {
	c := tables.Column{Path: o.text("path", ""), Index: o.flag("index", false), NullOnError: o.nullOnError()}
	if o.need("name", "the name that readers use") {
		c.Name = o.text("name", "")
		if (c.Name == "" || strings.ContainsFunc(c.Name, control)) && !o.failed("name") {
			o.fault("name", "%q is no column's name", clip(c.Name))
		}
	}
	if o.need("type", "one of "+strings.Join(tables.TypeNames(), ", ")) {
		o.columnType(&c)
	}
	if s := o.text("encoding", ""); s != "" {
		e, err := tables.ParseEncoding(s)
		switch {
		case err != nil:
			o.fault("encoding", "%q is no encoding%s", clip(s), suggest(s, texts(tables.Encodings())))
		case c.Type != (tables.Type{}):
			c.Encoding = e
			if err := codecs.CheckEncoding(c.Type, e); err != nil {
				o.fault("encoding", "%v", err)
			}
		}
	}
	return c
}

func (o object) columnType(c *tables.Column) {
	s := o.text("type", "")
	t, err := tables.ParseType(s)
	switch {
	case err == nil:
		c.Type = t
	case o.failed("type"):
	case strings.HasPrefix(s, "decimal"):
		o.fault("type", "%v", err)
	default:
		o.fault("type", "%q is no type%s", clip(s), suggest(s, tables.TypeNames()))
	}
}

// joinDecimal mends {type: decimal(12,2)}: between braces YAML takes the comma as
// the end of the value and 2) as a key without one. Who writes it means the type.
func joinDecimal(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return n
	}
	for i := 0; i+3 < len(n.Content); i += 2 {
		value, key, nothing := n.Content[i+1], n.Content[i+2], n.Content[i+3]
		if n.Content[i].Value != "type" || !strings.HasPrefix(value.Value, "decimal(") || strings.Contains(value.Value, ")") ||
			!strings.HasSuffix(key.Value, ")") || nothing.ShortTag() != "!!null" || nothing.Value != "" {
			continue
		}
		whole, mended := *value, *n
		whole.Value += "," + key.Value
		mended.Content = slices.Concat(n.Content[:i+1], []*yaml.Node{&whole}, n.Content[i+4:])
		return &mended
	}
	return n
}

// nullOnError reads on_error, whose only value is null, with or without quotes.
func (o object) nullOnError() bool {
	n := o.values["on_error"]
	if n == nil {
		return false
	}
	if n.Kind == yaml.ScalarNode && (n.ShortTag() == "!!null" || n.Value == "null") {
		return true
	}
	o.fault("on_error", "want null, found %s; without the key, a record whose value does not fit goes to the dead letters", describe(n))
	return false
}

func control(r rune) bool { return r < ' ' || r == 0x7f }
