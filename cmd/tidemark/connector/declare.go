package connector

import (
	"slices"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/tables"
)

// Declared is how a column is declared.
type Declared struct {
	tables.Column
	Why  string // where what is not obvious comes from
	Sure bool   // the database and the values say all of it
	// Other is what the column may be instead, where only a person knows.
	Other *tables.Column
	Of    string // what Other is for
}

// Declare declares a column of the database. Where bare is true, the encoding is said
// although the values' schema says it: the records' keys have none. It is not ok for types that
// are in no event, or that nothing is known of.
func (s *Settings) Declare(c catalogue.Column, v Values, bare bool) (out Declared, ok bool) {
	k := KindOf(s.system, c)
	t, known := typeOf(k, c)
	if !known {
		return Declared{}, false
	}
	out.Name, out.Type = c.Name, t
	of, can, likely := told(k, c, v)
	mode, by := s.choose(of, can, likely)
	name := modes[of][mode]
	out.Encoding = encode(k, c, v, name)
	if by == bySiblings {
		for i, other := range modes[of] { // what others tell may leave open what this column needs
			if s.tied(of, mode).has(i) && encode(k, c, v, other) != out.Encoding {
				by = byDefault
			}
		}
	}
	out.fit(k, c, v, name)
	if v.SchemaType != "" && !bare && !out.open(k, v) {
		out.Encoding = tables.EncodingNone
	}
	out.Sure = true
	out.reason(k, c, v, by, of, name)
	if k == Array && c.Items != nil && v.SchemaType == "" {
		s.items(&out, c, v)
	}
	return out, true
}

// items declares the items of arrays, where their JSON does not say what they are.
func (s *Settings) items(out *Declared, c catalogue.Column, v Values) {
	switch KindOf(s.system, *c.Items) {
	case Date, Clock, Instant, ZonedClock, ZonedMoment, Decimal, AnyDecimal:
	default:
		return
	}
	var seen Values
	if v.Items != nil {
		seen = *v.Items
	}
	each, _ := s.Declare(*c.Items, seen, false)
	if each.Encoding == tables.EncodingNone {
		return
	}
	out.Items, out.Encoding, out.Why, out.Sure = &each.Type, each.Encoding, each.Why, each.Sure
}

// fit changes the type where a mode writes what another type holds.
func (d *Declared) fit(k Kind, c catalogue.Column, v Values, mode string) {
	switch {
	case k == Duration && (mode == "isostring" || mode == "connect"), k == Duration && mode == "structured":
		d.Type.Kind = tables.Time // what is outside of a day is null
	case k == Interval && v.Objects > 0:
		d.Type.Kind, d.Encoding = tables.String, tables.EncodingStructured
	case k == Interval && mode == "string":
		d.Type.Kind = tables.String
	case k == AnyDecimal && mode == "double":
		d.Type.Kind = tables.Float64
	case k == AnyDecimal && mode == "string":
		d.Encoding = tables.EncodingNone
	case k == Decimal && slices.ContainsFunc(v.Texts, noNumber):
		d.Type, d.Encoding = tables.Type{Kind: tables.String}, tables.EncodingNone
	case k == Decimal && c.Precision > tables.MaxPrecision && (v.SchemaType != "" || mode == "string"):
		d.Type = tables.Type{Kind: tables.String}
	}
}

// open reports whether a schema leaves open what the encoding says.
func (d *Declared) open(k Kind, v Values) bool {
	switch d.Encoding {
	case tables.EncodingUint64Wrapped:
		return v.SchemaType == "int64"
	case tables.EncodingJSONString:
		return v.SchemaType == "string" && k == TextOfJSON
	case tables.EncodingDecimalString, tables.EncodingBytesHex, tables.EncodingBytesBase64:
		return v.SchemaType == "string"
	}
	return false
}
