package convert

import (
	"math"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

const usPerDay = 86_400_000_000

// clockText returns the text of a date, a time or an instant that is no number.
func clockText(want string, m Meaning, raw []byte) (text []byte, reason string) {
	if m.kind == structured {
		return structuredText(want, raw)
	}
	switch {
	case m.kind == countOfSchema:
		want += " (the record's schema says that this is a number and no more, which a declared encoding does not change)"
	case raw[0] != '"' && m.kind == plain:
		want += " (what is no text needs a declared encoding)"
	}
	return jsontext.StringText(want, raw)
}

func toDate(m Meaning, raw []byte) (tables.Value, string) {
	switch m.kind {
	case epochDays:
		days, reason := integer(raw)
		if reason != "" {
			return tables.Value{}, reason
		}
		switch infinityOfDays(days) {
		case 1:
			days = tables.DateInfinity
		case -1:
			days = tables.DateNegInfinity
		}
		if days > tables.DateInfinity || days < tables.DateNegInfinity {
			return tables.Value{}, jsontext.Mismatch("days since 1970-01-01 in 32 bits", raw)
		}
		return tables.DateValue(days), ""
	case epochSeconds, epochMs, epochUs, epochNs:
		v, reason := toTimestamp(m, raw)
		return midnight(v, raw, reason)
	}
	text, reason := clockText("a date", m, raw)
	if reason != "" {
		return tables.Value{}, reason
	}
	switch infinityOfText(text) {
	case 1:
		return tables.DateValue(tables.DateInfinity), ""
	case -1:
		return tables.DateValue(tables.DateNegInfinity), ""
	}
	days, err := tables.ParseDate(jsontext.Alias(text))
	if err == nil {
		return tables.DateValue(days), ""
	}
	us, err := tables.ParseTimestamp(jsontext.Alias(text))
	if err != nil {
		return tables.Value{}, jsontext.Mismatch("a date", raw)
	}
	return midnight(tables.TimestampValue(us), raw, "")
}

// midnight makes a date of a timestamp that holds nothing more.
func midnight(v tables.Value, raw []byte, reason string) (tables.Value, string) {
	us := v.Int()
	switch {
	case reason != "":
		return tables.Value{}, reason
	case us == tables.TimestampInfinity:
		return tables.DateValue(tables.DateInfinity), ""
	case us == tables.TimestampNegInfinity:
		return tables.DateValue(tables.DateNegInfinity), ""
	case us%usPerDay != 0:
		return tables.Value{}, jsontext.Mismatch("a date without a time of day", raw)
	}
	return tables.DateValue(us / usPerDay), ""
}

func toTime(m Meaning, raw []byte) (tables.Value, string) {
	var us int64
	switch m.kind {
	case timeMs, timeUs, timeNs, durationUs, durationNs:
		i, reason := integer(raw)
		if reason != "" {
			return tables.Value{}, reason
		}
		switch m.kind {
		case timeMs:
			us = min(max(i, -1), usPerDay) * 1000
		case timeNs, durationNs:
			us = floorDiv(i, 1000)
		default:
			us = i
		}
		if us < 0 || us > usPerDay {
			return tables.Value{}, jsontext.Mismatch("a time between 00:00:00 and 24:00:00", raw)
		}
		return tables.TimeValue(us), ""
	}
	text, reason := clockText("a time", m, raw)
	if reason != "" {
		return tables.Value{}, reason
	}
	us, err := tables.ParseTime(jsontext.Alias(text))
	if err != nil {
		return tables.Value{}, jsontext.Mismatch("a time", raw)
	}
	return tables.TimeValue(us), ""
}

func toTimestamp(m Meaning, raw []byte) (tables.Value, string) {
	switch m.kind {
	case epochSeconds:
		return secondsToTimestamp(raw)
	case epochDays, epochMs, epochUs, epochNs:
		i, reason := integer(raw)
		if reason != "" {
			return tables.Value{}, reason
		}
		us, ok := microseconds(m.kind, i)
		if !ok {
			return tables.Value{}, jsontext.Mismatch("an instant within 290,000 years", raw)
		}
		return tables.TimestampValue(us), ""
	}
	text, reason := clockText("a timestamp", m, raw)
	if reason != "" {
		return tables.Value{}, reason
	}
	switch infinityOfText(text) {
	case 1:
		return tables.TimestampValue(tables.TimestampInfinity), ""
	case -1:
		return tables.TimestampValue(tables.TimestampNegInfinity), ""
	}
	us, err := tables.ParseTimestamp(jsontext.Alias(text))
	if err != nil {
		return tables.Value{}, jsontext.Mismatch("a timestamp", raw)
	}
	return tables.TimestampValue(us), ""
}

// secondsToTimestamp reads seconds since 1970, also with a fraction.
func secondsToTimestamp(raw []byte) (tables.Value, string) {
	text, ok := jsontext.Scalar(raw)
	d, err := tables.ParseDecimal(jsontext.Alias(text), tables.Type{Kind: tables.DecimalKind, Precision: 19, Scale: 6})
	if !ok || err != nil || d.Hi != int64(d.Lo)>>63 {
		return tables.Value{}, jsontext.Mismatch("seconds since 1970, to the microsecond, within 290,000 years", raw)
	}
	return tables.TimestampValue(int64(d.Lo)), ""
}

func microseconds(k meaningKind, i int64) (us int64, ok bool) {
	switch k {
	case epochUs:
		if i == javaInfinityMs {
			i = tables.TimestampInfinity
		}
		if i == javaNegInfinityMs {
			i = tables.TimestampNegInfinity
		}
		return i, true
	case epochNs:
		switch i {
		case math.MaxInt64, math.MinInt64, javaInfinityMs, javaNegInfinityMs:
			return microseconds(epochUs, i)
		}
		return floorDiv(i, 1000), true // a timestamp ends at microseconds
	case epochMs:
		switch i {
		case math.MaxInt64, math.MinInt64, javaInfinityMs, javaNegInfinityMs:
			return microseconds(epochUs, i)
		}
		const most = math.MaxInt64 / 1000
		return i * 1000, i < most && i > -most
	}
	const most = math.MaxInt64 / usPerDay
	return i * usPerDay, i < most && i > -most
}
