package datum

import (
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/avro"

	"github.com/tidemark/tidemark/tables"
)

// MaxSchemaBytes is how long a schema may be, with those that it refers to.
const MaxSchemaBytes = 4 << 20

// ErrTooLarge says that a schema is longer than MaxSchemaBytes.
var ErrTooLarge = fmt.Errorf("the schema is longer than %d bytes", MaxSchemaBytes)

// Parse reads a schema. The references are the texts of the schemas that it
// refers to by name, each behind those that it refers to itself.
func Parse(schema string, references ...string) (*Schema, error) {
	size := len(schema)
	for _, r := range references {
		size += len(r)
	}
	if size > MaxSchemaBytes {
		return nil, ErrTooLarge
	}
	var cache avro.SchemaCache
	lax := avro.WithLaxNames(nil) // Java takes a topic's hyphens in a namespace
	for _, r := range references {
		if _, err := cache.Parse(r, lax); err != nil {
			return nil, fmt.Errorf("parse a referenced schema: %w", err)
		}
	}
	s, err := cache.Parse(schema, lax)
	if err != nil {
		return nil, fmt.Errorf("parse the schema: %w", err)
	}
	p := parser{named: map[string]*Type{}}
	root, err := p.node(s.Root(), "")
	if err != nil {
		return nil, err
	}
	return &Schema{Root: root, Size: size}, nil
}

// parser turns the library's tree, in which later mentions of a type are names,
// into types that point at each other.
type parser struct{ named map[string]*Type }

var primitives = map[string]kind{
	"null": null, "boolean": boolean, "int": integer, "long": integer, "float": float, "double": double, "bytes": raw, "string": text,
}

func (p *parser) node(n *avro.SchemaNode, space string) (*Type, error) {
	t := &Type{avro: n.Type, logical: n.LogicalType, scale: n.Scale, digits: n.Precision, size: n.Size}
	t.connect, t.params = connectProps(n.Props)
	if k, ok := primitives[n.Type]; ok {
		t.kind = k
		return t, nil
	}
	switch n.Type {
	case "union":
		return t, p.union(t, n, space)
	case "array":
		return t, p.array(t, n, space)
	case "map":
		t.kind = mapping
		return t, p.below(t, n.Values, space)
	case "record", "error", "enum", "fixed":
		return t, p.define(t, n, space)
	}
	return p.reference(n.Type, space)
}

func (p *parser) reference(name, space string) (*Type, error) {
	if t := p.named[fullName(name, space)]; t != nil {
		return t, nil
	}
	if t := p.named[name]; t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("the schema names a type %s that it does not define", name)
}

func fullName(name, space string) string {
	if space == "" || strings.Contains(name, ".") {
		return name
	}
	return space + "." + name
}

func (p *parser) define(t *Type, n *avro.SchemaNode, space string) error {
	if n.Namespace != "" {
		space = n.Namespace // else that of the type around it
	}
	t.name = fullName(n.Name, space)
	if at := strings.LastIndexByte(t.name, '.'); at >= 0 {
		space = t.name[:at]
	} else {
		space = ""
	}
	p.named[t.name] = t
	switch n.Type {
	case "fixed":
		t.kind = fixed
		return nil
	case "enum":
		t.kind = enum
		for _, s := range n.Symbols {
			t.symbols = append(t.symbols, tables.AppendJSONString(nil, s))
		}
		return nil
	}
	t.kind = record
	t.fields = make([]field, len(n.Fields))
	for i := range n.Fields {
		f := &n.Fields[i]
		typ, err := p.node(&f.Type, space)
		if err != nil {
			return err
		}
		t.fields[i] = field{name: f.Name, json: append(tables.AppendJSONString(nil, f.Name), ':'), typ: typ}
	}
	return nil
}

func (p *parser) union(t *Type, n *avro.SchemaNode, space string) error {
	t.kind = union
	for i := range n.Branches {
		b, err := p.node(&n.Branches[i], space)
		if err != nil {
			return err
		}
		t.branches = append(t.branches, b)
	}
	return nil
}

var errNoItems = errors.New("the schema has an array or a map of nothing")

func (p *parser) below(t *Type, n *avro.SchemaNode, space string) (err error) {
	if n == nil {
		return errNoItems
	}
	t.items, err = p.node(n, space)
	return err
}

// Avro's maps have texts for keys; the converter writes others as arrays of
// records with key and value.
const (
	entryName     = "io.confluent.connect.avro.MapEntry"
	entryProp     = "connect.internal.type"
	entryPropName = "MapEntry"
)

func (p *parser) array(t *Type, n *avro.SchemaNode, space string) error {
	t.kind = array
	if err := p.below(t, n.Items, space); err != nil {
		return err
	}
	e := t.items
	entry := e.name == entryName || n.Items.Props[entryProp] == entryPropName
	if !entry || e.kind != record || len(e.fields) != 2 || e.fields[0].name != "key" || e.fields[1].name != "value" {
		return nil
	}
	t.pairs = e.fields[0].typ.Optional().kind == text
	return nil
}

func connectProps(props map[string]any) (name string, params map[string]string) {
	name, _ = props["connect.name"].(string)
	given, _ := props["connect.parameters"].(map[string]any)
	for k, v := range given {
		if s, ok := v.(string); ok {
			if params == nil {
				params = map[string]string{}
			}
			params[k] = s
		}
	}
	return name, params
}
