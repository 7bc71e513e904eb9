package proposal

import (
	"bytes"
	"slices"

	"github.com/tidemark/tidemark/codecs/convert"
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
	name     string
	seen     map[look]int
	evidence evidence
	words    map[string]bool // the few texts that it holds
	many     bool            // it holds more than a few, or long ones
	plain    bool            // a value stands in no cell
	schema   *convert.Schema
	told     string // what the record says of the type beside the value: $date, or MySQL's name
}

// proposed is a column, what could not be known about it, and what it could be instead.
type proposed struct {
	column tables.Column
	doubt  string
	offer  *offer
}

func (c *column) propose() proposed {
	if c.schema != nil {
		if t, doubt, ok := c.schema.ColumnType(); ok {
			return proposed{tables.Column{Name: c.name, Type: t, Encoding: c.schema.ColumnEncoding()}, doubt, nil}
		}
	}
	if c.told != "" {
		column, doubt := c.fromTold()
		return proposed{column, doubt, nil}
	}
	kind, doubt, offer := c.fromLooks()
	out := proposed{tables.Column{Name: c.name, Type: tables.Type{Kind: kind}}, doubt, offer}
	if offer != nil {
		out.doubt = offer.question
		for i := range offer.columns {
			offer.columns[i].Name = c.name
		}
	}
	if out.doubt != "" && c.evidence.count > 0 {
		out.doubt = shown(c.evidence.example) + ": " + out.doubt
	}
	return out
}

// fromLooks takes the type that JSON shows, with what the values could be beside it.
func (c *column) fromLooks() (tables.Kind, string, *offer) {
	var looks []look
	for l := lookBool; l <= lookNested; l++ {
		if c.seen[l] > 0 {
			looks = append(looks, l)
		}
	}
	numbers := !slices.ContainsFunc(looks, func(l look) bool { return l != lookInt && l != lookFraction && l != lookSpecial })
	switch {
	case len(looks) == 0:
		return tables.String, "no value was seen; text?", nil
	case len(looks) > 1 && numbers:
		looks = []look{lookFraction}
	case len(looks) == 2 && looks[0] == lookSpecial && looks[1] == lookText:
		looks = looks[1:]
	case len(looks) > 1:
		return tables.JSON, "values of several kinds were seen", nil
	}
	switch looks[0] {
	case lookBool:
		return tables.Bool, "", nil
	case lookInt:
		return tables.Int64, "", c.evidence.offer(lookInt)
	case lookFraction:
		if c.evidence.special {
			return tables.Float64, "", nil // no decimal is NaN
		}
		return tables.Float64, "", c.evidence.offer(lookFraction)
	case lookArray:
		return tables.JSON, "", c.evidence.offer(lookArray)
	case lookVarying:
		return tables.JSON, "a decimal of varying scale? then type decimal(p,s) and encoding decimal_base64", nil
	case lookNested:
		return tables.JSON, "nested: take parts of it with columns of their own and path: " + quote(c.name) + ".<member>", nil
	}
	return tables.String, "", c.evidence.offer(lookText)
}
