package convert

import (
	"slices"

	"github.com/tidemark/tidemark/tables"
)

// meant joins what is declared of a value with what its schema says of it.
func meant(t tables.Type, declared Meaning, f *Schema) Meaning {
	m, known := f.meaning()
	switch {
	case known && m.kind != bytesBase64:
		return m
	case slices.Contains(leftOpen(f.Type), declared.kind):
		if f.Type == "string" && declared.kind == bytesBase64 {
			declared.kind = base64OfText
		}
		return declared
	case known && t.Kind == tables.String && declared.kind != bytesBase64 && declared.kind != bytesHex:
		return Meaning{scale: unknownScale} // bytes stay base64 in a string, unless an encoding is declared
	case known:
		return m
	}
	return Meaning{kind: ofType(f.Type, t.Kind), scale: unknownScale}
}

// LeftOpen reports whether a declared encoding counts for values whose schema names one
// of Kafka Connect's types and no logical one.
func LeftOpen(connectType string, e tables.Encoding) bool {
	return e == tables.EncodingNone || slices.Contains(leftOpen(connectType), kindOf(e))
}

// leftOpen lists what a column can declare of values whose schema names one of Kafka
// Connect's types and no logical one, by that type. All else is said by the type: a
// string is no base64 of a decimal, a number is no days since 1970, for a source that
// means these has a name for them.
func leftOpen(connectType string) []meaningKind {
	switch connectType {
	case "string":
		return []meaningKind{decimalText, isoText, jsonText, structured, bytesBase64, bytesHex, extendedJSON}
	case "bytes":
		return []meaningKind{bitsLE, extendedJSON}
	case "int64":
		return []meaningKind{uint64Wrapped, epochSeconds, extendedJSON}
	case "int8", "int16", "int32":
		return []meaningKind{epochSeconds, extendedJSON}
	case "float", "double", "float32", "float64":
		return []meaningKind{epochSeconds, extendedJSON}
	case "boolean":
		return []meaningKind{extendedJSON}
	}
	// Structs, arrays and maps, and Avro's unions: the schema's type says nothing of a value.
	return []meaningKind{
		decimalBytes, decimalText, epochDays, epochSeconds, epochMs, epochUs, epochNs, timeMs, timeUs, timeNs, isoText, durationUs,
		bytesBase64, bytesHex, jsonText, bitsLE, uint64Wrapped, structured, extendedJSON,
	}
}

// ofType returns what a value is whose schema says no more than its type. A text under
// a number's column is a number's: decimal.handling.mode=string. Bytes may be in base64
// or in hexadecimal: both have binary.handling.modes that write a plain text.
func ofType(connectType string, k tables.Kind) meaningKind {
	switch connectType {
	case "string":
		switch k {
		case tables.DecimalKind, tables.Float64, tables.Int64:
			return decimalText
		case tables.Bytes:
			return someText
		}
	case "int8", "int16", "int32", "int64", "float", "double", "float32", "float64", "boolean":
		return countOfSchema
	}
	return plain
}
