package convert

import (
	"github.com/tidemark/tidemark/tables"
)

// columnMeaning returns what a column's values mean under a record's own schema. The
// schema wins: a declared encoding counts only where the schema leaves open what it says.
func columnMeaning(c *tables.Column, f *Schema) Meaning {
	if c.Items == nil {
		m := meant(c.Type, declaredAs(c.Type, c.Encoding), f)
		if c.Type.Kind == tables.JSON || c.Type.Kind == tables.String {
			m.inner = formOf(f)
		}
		return m
	}
	declared := form{typ: c.Items, m: declaredAs(*c.Items, c.Encoding)}
	return Meaning{scale: unknownScale, inner: declared.under(f)}
}

// Meanings returns what is known of each column's values: by its schema, which
// find looks up, and by its declared encoding as far as the schema leaves that open.
func Meanings(columns []tables.Column, find func(c *tables.Column) *Schema) []Meaning {
	out := make([]Meaning, len(columns))
	for i := range columns {
		c := &columns[i]
		if f := find(c); f != nil {
			out[i] = columnMeaning(c, f)
			continue
		}
		out[i] = Declared(c)
	}
	return out
}

// NoSchema finds none.
func NoSchema(*tables.Column) *Schema { return nil }

// A Find returns the schema of a column's values below a payload's, or nil.
type Find func(root *Schema, c *tables.Column) *Schema

// In finds the schemas of a row's columns where rows are what row returns.
func In(row func(root *Schema) *Schema) Find {
	return func(root *Schema, c *tables.Column) *Schema {
		r := row(root)
		if r == nil {
			return nil
		}
		for _, place := range c.Places() {
			if f := r.At(place); f != nil {
				return f
			}
		}
		return nil
	}
}
