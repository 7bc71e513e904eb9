package convert

import (
	"fmt"
	"slices"

	"github.com/tidemark/tidemark/tables"
)

// A form says what is inside of an array or an object that becomes JSON, where
// that is more than the JSON itself says: what its schema says about the items, or what
// the column declares of them.
type form struct {
	typ    *tables.Type     // of the items, where the column declares it; then m is of these
	m      Meaning          // of a value that is neither array nor object
	items  *form            // of an array
	fields map[string]*form // of a struct
	keys   *form            // of a map whose keys are no strings: an array of pairs
	values *form            // of a map
	pair   *form            // of one pair: the map's form
}

// meaningKind says what the JSON of a value stands for.
type meaningKind uint8

const (
	plain        meaningKind = iota // what the JSON says by itself
	decimalBytes                    // base64 of an unscaled integer, or {scale,value}
	decimalText
	epochDays
	epochSeconds
	epochMs
	epochUs
	epochNs
	timeMs
	timeUs
	timeNs
	isoText
	durationUs
	durationNs
	bytesBase64
	bytesHex
	bytesLatin1 // each character is one byte
	jsonText
	bitsLE
	uint64Wrapped
	structured // an object of calendar and clock parts
	extendedJSON
	someText      // a text by its schema, which for bytes is base64 or hexadecimal
	base64OfText  // bytes_base64 by the column under a schema that says no more than text
	countOfSchema // a number by its schema, which is no date, no time and no bytes
)

// A Meaning is what a value's schema or its column's encoding says of it.
type Meaning struct {
	kind  meaningKind
	scale int   // of decimalBytes; unknownScale when neither schema nor column says
	bits  int   // of bitsLE: how many there are, 0 when nothing says
	inner *form // of a json or string column: what is in its arrays and objects; nil when their JSON says all
}

const unknownScale = -1 << 31

func kindOf(e tables.Encoding) meaningKind {
	switch e {
	case tables.EncodingDecimalBase64:
		return decimalBytes
	case tables.EncodingDecimalString:
		return decimalText
	case tables.EncodingEpochDays:
		return epochDays
	case tables.EncodingEpochS:
		return epochSeconds
	case tables.EncodingEpochMs:
		return epochMs
	case tables.EncodingEpochUs:
		return epochUs
	case tables.EncodingEpochNs:
		return epochNs
	case tables.EncodingTimeMs:
		return timeMs
	case tables.EncodingTimeUs:
		return timeUs
	case tables.EncodingTimeNs:
		return timeNs
	case tables.EncodingISOTimestamp:
		return isoText
	case tables.EncodingDurationUs:
		return durationUs
	case tables.EncodingBytesBase64:
		return bytesBase64
	case tables.EncodingBytesHex:
		return bytesHex
	case tables.EncodingJSONString:
		return jsonText
	case tables.EncodingBitsLE:
		return bitsLE
	case tables.EncodingUint64Wrapped:
		return uint64Wrapped
	case tables.EncodingStructured:
		return structured
	case tables.EncodingExtendedJSON:
		return extendedJSON
	}
	return plain
}

// EncodingTypes returns the kinds of columns that can declare an encoding.
func EncodingTypes(e tables.Encoding) []tables.Kind {
	switch kindOf(e) {
	case decimalBytes, decimalText, uint64Wrapped:
		return []tables.Kind{tables.DecimalKind, tables.Int64, tables.Float64, tables.String}
	case epochDays, epochSeconds, epochMs, epochUs, epochNs:
		return []tables.Kind{tables.Timestamp, tables.Date, tables.Int64, tables.String}
	case timeMs, timeUs, timeNs:
		return []tables.Kind{tables.Time, tables.Int64, tables.String}
	case isoText:
		return []tables.Kind{tables.Timestamp, tables.Date, tables.Time, tables.String}
	case durationUs:
		return []tables.Kind{tables.Int64, tables.DecimalKind, tables.Float64, tables.String, tables.Time}
	case bytesBase64, bytesHex:
		return []tables.Kind{tables.Bytes, tables.String, tables.UUID}
	case jsonText:
		return []tables.Kind{tables.JSON, tables.String}
	case structured:
		return []tables.Kind{tables.Timestamp, tables.Date, tables.Time, tables.String}
	case bitsLE:
		return []tables.Kind{tables.Int64, tables.DecimalKind, tables.Bytes, tables.Bool, tables.String}
	}
	return []tables.Kind{
		tables.Bool, tables.Int64, tables.Float64, tables.DecimalKind, tables.String, tables.JSON,
		tables.Bytes, tables.UUID, tables.Date, tables.Time, tables.Timestamp,
	}
}

// CheckColumn says whether a column can declare its encoding, and its items.
func CheckColumn(c *tables.Column) error {
	if c.Items == nil {
		return CheckEncoding(c.Type, c.Encoding)
	}
	if c.Type.Kind != tables.JSON {
		return fmt.Errorf("only a column of type json has items, and this is a %s", c.Type)
	}
	return CheckEncoding(*c.Items, c.Encoding)
}

// CheckEncoding says whether a column of type t can declare the encoding.
func CheckEncoding(t tables.Type, e tables.Encoding) error {
	kinds := EncodingTypes(e)
	if slices.Contains(kinds, t.Kind) {
		return nil
	}
	return fmt.Errorf("encoding %s makes no %s; it makes %s", e, t, joinKinds(kinds))
}

func joinKinds(kinds []tables.Kind) string {
	out := ""
	for i, k := range kinds {
		switch {
		case i > 0 && i == len(kinds)-1:
			out += " or "
		case i > 0:
			out += ", "
		}
		out += k.String()
	}
	return out
}

// Declared returns the meaning that a column's encoding gives its values: those of
// its items, where it declares them.
func Declared(c *tables.Column) Meaning {
	if c.Items != nil {
		return Meaning{scale: unknownScale, inner: &form{typ: c.Items, m: declaredAs(*c.Items, c.Encoding)}}
	}
	return declaredAs(c.Type, c.Encoding)
}

// declaredAs returns what an encoding says of values of a type.
func declaredAs(t tables.Type, e tables.Encoding) Meaning {
	m := Meaning{kind: kindOf(e), scale: unknownScale}
	if m.kind == decimalBytes {
		switch t.Kind {
		case tables.DecimalKind:
			m.scale = int(t.Scale)
		case tables.Int64:
			m.scale = 0
		}
	}
	return m
}

// AsText returns the meaning where all values are text, which then becomes what the
// column declares.
func (m Meaning) AsText(k tables.Kind) Meaning {
	if m.kind != plain || m.inner != nil {
		return m
	}
	switch k {
	case tables.DecimalKind, tables.Float64, tables.Int64:
		m.kind = decimalText
	case tables.JSON:
		m.kind = jsonText
	case tables.Bytes:
		m.kind = bytesLatin1
	}
	return m
}
