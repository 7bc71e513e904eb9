package proposal

import (
	"bytes"
	"slices"

	"github.com/tidemark/tidemark/tables"
)

// look is what JSON itself shows of a value.
type look uint8

const (
	lookNull look = iota
	lookBool
	lookInt
	lookFraction
	lookSpecial // NaN or an infinity as text: a float among numbers, else a text
	lookText
	lookArray
	lookVarying // {"scale":..,"value":..}, as decimals without a declared scale are written
	lookNested
	lookPlaceholder // the value was not in the database's log
)

func lookOf(raw []byte) look {
	raw = bytes.TrimSpace(raw)
	switch {
	case isNull(raw):
		return lookNull
	case string(raw) == `"`+tables.DefaultPlaceholder+`"`:
		return lookPlaceholder
	case raw[0] == 't' || raw[0] == 'f':
		return lookBool
	case raw[0] == '"':
		if slices.Contains([]string{`"NaN"`, `"Infinity"`, `"-Infinity"`}, string(raw)) {
			return lookSpecial
		}
		return lookText
	case raw[0] == '[':
		return lookArray
	case raw[0] == '{':
		if ms, ok := members(raw); ok && len(ms) == 2 && ms[0].name == "scale" && ms[1].name == "value" {
			return lookVarying
		}
		return lookNested
	case bytes.ContainsAny(raw, ".eE"):
		return lookFraction
	}
	return lookInt
}

// column is what was seen of one member of the rows.
type column struct {
	name   string
	seen   map[look]int
	schema *schema
	told   string // what the record says of the type beside the value: $date, or MySQL's name
}

// propose returns the column, and what could not be known about it.
func (c *column) propose() (tables.Column, string) {
	if c.schema != nil {
		if t, doubt, ok := c.schema.columnType(); ok {
			return tables.Column{Name: c.name, Type: t, Encoding: c.schema.encoding()}, doubt
		}
	}
	if c.told != "" {
		return c.fromTold()
	}
	kind, doubt := c.fromLooks()
	return tables.Column{Name: c.name, Type: tables.Type{Kind: kind}}, doubt
}

func (c *column) fromLooks() (tables.Kind, string) {
	var looks []look
	for l := lookBool; l <= lookNested; l++ {
		if c.seen[l] > 0 {
			looks = append(looks, l)
		}
	}
	numbers := !slices.ContainsFunc(looks, func(l look) bool { return l != lookInt && l != lookFraction && l != lookSpecial })
	switch {
	case len(looks) == 0:
		return tables.String, "no value was seen; text?"
	case len(looks) > 1 && numbers:
		looks = []look{lookFraction}
	case len(looks) == 2 && looks[0] == lookSpecial && looks[1] == lookText:
		looks = looks[1:]
	case len(looks) > 1:
		return tables.JSON, "values of several kinds were seen"
	}
	switch looks[0] {
	case lookBool:
		return tables.Bool, ""
	case lookInt:
		return tables.Int64, "a number: a date or a time?"
	case lookFraction:
		return tables.Float64, "a fraction: a decimal(p,s)?"
	case lookArray:
		return tables.JSON, "an array: of decimals, dates or bytes? then items and their encoding"
	case lookVarying:
		return tables.JSON, "a decimal of varying scale? then type decimal(p,s) and encoding decimal_base64"
	case lookNested:
		return tables.JSON, "nested: take parts of it with columns of their own and path: " + quote(c.name) + ".<member>"
	}
	return tables.String, "text: a decimal, a date, bytes or JSON?"
}
