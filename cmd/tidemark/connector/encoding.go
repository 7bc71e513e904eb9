package connector

import (
	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/tables"
)

// timeEncoding returns how a mode writes a kind's values of so many digits of seconds.
func timeEncoding(k Kind, digits int, mode string) tables.Encoding {
	switch mode {
	case "isostring":
		return tables.EncodingISOTimestamp
	case "structured":
		return tables.EncodingStructured
	}
	switch k {
	case Date:
		return tables.EncodingEpochDays
	case Clock, Duration:
		return map[int]tables.Encoding{millis: tables.EncodingTimeMs, micros: tables.EncodingTimeUs, nanos: tables.EncodingTimeNs}[timeUnit(k, digits, mode)]
	}
	return map[int]tables.Encoding{millis: tables.EncodingEpochMs, micros: tables.EncodingEpochUs, nanos: tables.EncodingEpochNs}[timeUnit(k, digits, mode)]
}

// timeUnit returns what a mode counts.
func timeUnit(k Kind, digits int, mode string) int {
	switch {
	case mode == "connect":
		return millis
	case mode == "nanoseconds":
		return nanos
	case mode == "microseconds", k == Duration, digits > millis, k == Clock && mode == "adaptive_time_microseconds":
		return micros
	}
	return millis
}

// unitOf returns what an encoding counts, 0 for days and what is no number.
func unitOf(e tables.Encoding) int {
	switch e {
	case tables.EncodingTimeMs, tables.EncodingEpochMs:
		return millis
	case tables.EncodingTimeUs, tables.EncodingEpochUs:
		return micros
	case tables.EncodingTimeNs, tables.EncodingEpochNs:
		return nanos
	}
	return 0
}

// encodingOfSchema is what a schema's name says of the values.
var encodingOfSchema = map[string]tables.Encoding{
	"io.debezium.time.Date": tables.EncodingEpochDays, "org.apache.kafka.connect.data.Date": tables.EncodingEpochDays,
	"io.debezium.time.Time": tables.EncodingTimeMs, "io.debezium.time.MicroTime": tables.EncodingTimeUs, "io.debezium.time.NanoTime": tables.EncodingTimeNs,
	"org.apache.kafka.connect.data.Time": tables.EncodingTimeMs,
	"io.debezium.time.Timestamp":         tables.EncodingEpochMs, "io.debezium.time.MicroTimestamp": tables.EncodingEpochUs, "io.debezium.time.NanoTimestamp": tables.EncodingEpochNs,
	"org.apache.kafka.connect.data.Timestamp": tables.EncodingEpochMs,
	"io.debezium.time.IsoDate":                tables.EncodingISOTimestamp, "io.debezium.time.IsoTime": tables.EncodingISOTimestamp, "io.debezium.time.IsoTimestamp": tables.EncodingISOTimestamp,
	"io.debezium.time.StructuredDate": tables.EncodingStructured, "io.debezium.time.StructuredTime": tables.EncodingStructured,
	"io.debezium.time.StructuredTimestamp": tables.EncodingStructured, "io.debezium.time.StructuredDuration": tables.EncodingStructured,
}

// encode returns the encoding that a mode gives a kind's values. Kinds that no setting changes have one.
func encode(k Kind, c catalogue.Column, v Values, mode string) tables.Encoding {
	switch k {
	case Date, Clock, Duration, Instant:
		return timeEncoding(k, c.Fraction, mode)
	case ZonedClock, ZonedMoment:
		return zoned(v, mode)
	case Decimal, AnyDecimal:
		return map[string]tables.Encoding{"precise": tables.EncodingDecimalBase64, "string": tables.EncodingDecimalString}[mode]
	case Binary:
		if mode == "hex" {
			return tables.EncodingBytesHex
		}
		return tables.EncodingBytesBase64
	case Interval:
		return map[string]tables.Encoding{"numeric": tables.EncodingDurationUs}[mode]
	case Pairs:
		return map[string]tables.Encoding{"json": tables.EncodingJSONString}[mode]
	case Unsigned:
		return map[string]tables.Encoding{"long": tables.EncodingUint64Wrapped, "precise": tables.EncodingDecimalBase64}[mode]
	case Document, TextOfJSON:
		if v.Objects+v.Arrays > 0 && len(v.Texts) == 0 {
			return tables.EncodingNone
		}
		return tables.EncodingJSONString
	case Bits:
		return tables.EncodingBitsLE
	case Whole, Float:
		if len(v.Texts) > 0 && v.Numbers.Count+v.Fractions == 0 {
			return tables.EncodingDecimalString
		}
	}
	return tables.EncodingNone
}

// zoned returns the encoding of an instant with a zone: a text, unless a transform has made a number of it.
func zoned(v Values, mode string) tables.Encoding {
	switch {
	case v.Objects > 0 || v.Seen() == 0 && mode == "structured":
		return tables.EncodingStructured
	case v.Numbers.Count > 0 && len(v.Texts) == 0:
		switch v.Numbers.likely(Instant) {
		case micros:
			return tables.EncodingEpochUs
		case nanos:
			return tables.EncodingEpochNs
		}
		return tables.EncodingEpochMs
	}
	return tables.EncodingISOTimestamp
}
