package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/tables"
)

func (o tableObject) columns(from tables.ColumnsFrom) []tables.Column {
	if from == tables.ColumnsSchema && !o.has("columns") {
		return nil
	}
	if !o.need("columns", "a list of {name: ..., type: ...}") {
		return nil
	}
	items := o.list("columns")
	if len(items) == 0 && from != tables.ColumnsSchema && !o.failed("columns") {
		o.fault("columns", "the list is empty: want at least the columns of the key")
	}
	var out []tables.Column
	first := map[string]int{}
	for _, it := range items {
		obj := columnObject{o.r.object(joinDecimal(it.node), it.path, keysOf("tables[].columns[]")...)}
		if !obj.ok {
			continue
		}
		c := obj.column()
		if line, twice := first[c.Name]; twice && c.Name != "" {
			obj.fault("name", "a column %s is in line %d already", c.Name, line)
		}
		first[c.Name] = obj.node.Line
		out = append(out, c)
	}
	return out
}

// columnObject is the mapping of one column.
type columnObject struct{ object }

func (o columnObject) column() tables.Column {
	c := tables.Column{Index: o.flag("index", false), NullOnError: o.nullOnError()}
	o.paths(&c)
	if o.need("name", "the name that readers use") {
		c.Name = o.text("name", "")
		if (c.Name == "" || strings.ContainsFunc(c.Name, control)) && !o.failed("name") {
			o.fault("name", "%q is no column's name", clip(c.Name))
		}
	}
	if o.need("type", "one of "+strings.Join(tables.TypeNames(), ", ")) {
		if t, ok := o.typeAt("type"); ok {
			c.Type = t
		}
	}
	if o.has("items") {
		o.itemType(&c)
	}
	if s := o.text("encoding", ""); s != "" {
		e, err := tables.ParseEncoding(s)
		switch {
		case err != nil:
			o.fault("encoding", "%q is no encoding%s", clip(s), suggest(s, texts(tables.Encodings())))
		case c.Type != (tables.Type{}):
			c.Encoding = e
			if err := convert.CheckColumn(&c); err != nil && !o.failed("items") {
				o.fault("encoding", "%v", err)
			}
		}
	}
	return c
}

// paths reads path: one, or a list of which the first that is there counts.
func (o columnObject) paths(c *tables.Column) {
	n := o.values["path"]
	if n == nil || n.Kind != yaml.SequenceNode {
		c.Path = o.text("path", "")
		return
	}
	var all []string
	for _, it := range o.list("path") {
		s, ok := o.r.textNode(it.node, it.path)
		switch {
		case !ok:
		case s == "":
			o.r.fault(it.node, it.path, "want where the value is in the row, such as address.city")
		case slices.Contains(all, s):
			o.r.fault(it.node, it.path, "%q is in the list already", clip(s))
		default:
			all = append(all, s)
		}
	}
	if len(n.Content) == 0 {
		o.fault("path", "the list is empty: want where the value is in the row")
	}
	if len(all) > 0 {
		c.Path, c.OtherPaths = all[0], all[1:]
	}
	if len(c.OtherPaths) == 0 {
		c.OtherPaths = nil
	}
}

// itemType reads items: the type of the items of a json column's arrays.
func (o columnObject) itemType(c *tables.Column) {
	t, ok := o.typeAt("items")
	switch {
	case !ok:
	case c.Type != (tables.Type{}) && c.Type.Kind != tables.JSON:
		o.fault("items", "only a column of type json has items, and this is a %s", c.Type)
	default:
		c.Items = &t
	}
}

// typeAt reads a type.
func (o columnObject) typeAt(key string) (tables.Type, bool) {
	s := o.text(key, "")
	t, err := parseType(s)
	switch {
	case err == nil:
		return t, true
	case o.failed(key):
	case decimalName(s) != "":
		o.fault(key, "%q is no decimal type: write %s(p,s) with 1 <= p <= %d and 0 <= s <= p", clip(s), decimalName(s), tables.MaxPrecision)
	default:
		o.fault(key, "%q is no type%s", clip(s), suggestType(s))
	}
	return tables.Type{}, false
}

// joinDecimal mends {type: decimal(12,2)}, numeric(12,2) and items like it: between braces YAML takes the comma as
// the end of the value and 2) as a key without one. Who writes it means the type.
func joinDecimal(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return n
	}
	for i := 0; i+3 < len(n.Content); i += 2 {
		value, key, nothing := n.Content[i+1], n.Content[i+2], n.Content[i+3]
		if name := n.Content[i].Value; name != "type" && name != "items" || decimalName(value.Value) == "" || !strings.Contains(value.Value, "(") || strings.Contains(value.Value, ")") ||
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
func (o columnObject) nullOnError() bool {
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
