package proposal

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// numbers is what the numbers of a column have in common.
type numbers struct {
	seen       bool
	least      int64
	most       int64
	example    int64
	step       int64 // the largest of 1, 1000 and 1,000,000 that divides all of them
	large      bool  // one is beyond 64 bits
	exponent   bool  // one is written with an exponent
	before     int   // digits before the point, at most
	behind     int   // and behind it
	digits     int   // of both together
	fractional bool
}

func (n *numbers) take(s string) {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	n.exponent = n.exponent || strings.ContainsAny(s, "eE")
	n.fractional = n.fractional || fraction != ""
	n.before, n.behind, n.digits = max(n.before, len(whole)), max(n.behind, len(fraction)), max(n.digits, len(whole)+len(fraction))
	i, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		n.large = n.large || fraction == ""
		return
	}
	if !n.seen {
		n.seen, n.least, n.most, n.example, n.step = true, i, i, i, 1_000_000
	}
	n.least, n.most = min(n.least, i), max(n.most, i)
	for i%n.step != 0 {
		n.step /= 1000
	}
}

const (
	century  = 36_525 // days
	from1990 = 7_305
	to2060   = 32_872
	perDay   = 24 * 60 * 60
)

// unit is what a number may count.
type unit struct {
	name   string
	perDay int64
	kind   tables.Kind
	since  tables.Encoding // 1970
	at     func(int64) time.Time
}

func units() []unit {
	return []unit{
		{"days", 1, tables.Date, tables.EncodingEpochDays, func(i int64) time.Time { return time.Unix(i*perDay, 0) }},
		{"seconds", perDay, tables.Timestamp, tables.EncodingEpochS, func(i int64) time.Time { return time.Unix(i, 0) }},
		{"milliseconds", perDay * 1e3, tables.Timestamp, tables.EncodingEpochMs, time.UnixMilli},
		{"microseconds", perDay * 1e6, tables.Timestamp, tables.EncodingEpochUs, time.UnixMicro},
		{"nanoseconds", perDay * 1e9, tables.Timestamp, tables.EncodingEpochNs, func(i int64) time.Time { return time.Unix(0, i) }},
	}
}

// integerOffer asks for a date or a time only where every number could be one: between 1990 and
// 2060, or, where some are before 1970 as dates of birth are, between 1870 and 2060.
func (n *numbers) integerOffer(count int) *offer {
	if !n.seen || n.large {
		return nil
	}
	for _, u := range units() {
		if n.most/u.perDay < from1990 || n.most/u.perDay > to2060 || n.least/u.perDay < from1990 && n.least >= 0 || n.least/u.perDay < -century {
			continue
		}
		text, one := u.at(n.example).UTC().Format(time.RFC3339Nano), "an instant"
		if u.kind == tables.Date {
			text, one = text[:len(time.DateOnly)], "a date"
		}
		return &offer{
			question: fmt.Sprintf("as %s since 1970 %s: %s, or a number?", u.name, would(count, text), one),
			columns:  []tables.Column{column0(u.kind, u.since)},
		}
	}
	return n.clockOffer(count)
}

// clockOffer asks for a time of day where all numbers are whole seconds of a day in smaller units.
func (n *numbers) clockOffer(count int) *offer {
	for _, c := range []struct {
		unit     string
		step     int64
		encoding tables.Encoding
	}{{"milliseconds", 1000, tables.EncodingTimeMs}, {"microseconds", 1_000_000, tables.EncodingTimeUs}} {
		if n.least < 0 || n.step < c.step || n.most >= perDay*c.step || n.most < 60*60*c.step {
			continue
		}
		text := time.Unix(n.example/c.step, 0).UTC().Format(time.TimeOnly)
		return &offer{
			question: fmt.Sprintf("as %s since midnight %s: a time, or a number?", c.unit, would(count, text)),
			columns:  []tables.Column{column0(tables.Time, c.encoding)},
		}
	}
	return nil
}

// would says that all numbers fit a unit, with what one of them stands for.
func would(count int, text string) string {
	if count == 1 {
		return "it would be " + text
	}
	return fmt.Sprintf("all %d values fit, and one would be %s", count, text)
}

// fractionOffer asks for a decimal where no number has the digits of a binary fraction.
func (n *numbers) fractionOffer(count int) *offer {
	const float = 15 // digits that a float64 keeps
	if n.exponent || !n.fractional || n.digits > float {
		return nil
	}
	return &offer{
		question: fmt.Sprintf("%s: an exact decimal, or a float?", all(count, behindPoint(n.behind))),
		columns:  []tables.Column{{Type: n.decimal()}},
	}
}

// textOffer offers the number that texts are.
func (n *numbers) textOffer(count int, special bool) *offer {
	c := tables.Column{Type: tables.Type{Kind: tables.Int64}, Encoding: tables.EncodingDecimalString}
	what := "whole numbers"
	switch {
	case special:
		c.Type.Kind, what = tables.Float64, "numbers, NaN and infinities"
	case n.before+n.behind > tables.MaxPrecision:
		return nil
	case n.fractional || n.large:
		c.Type, what = n.decimal(), behindPoint(n.behind)
	}
	return &offer{question: fmt.Sprintf("%s: a number, or text?", all(count, what)), columns: []tables.Column{c}}
}

func behindPoint(digits int) string {
	if digits == 1 {
		return "numbers with at most 1 digit after the point"
	}
	return fmt.Sprintf("numbers with at most %d digits after the point", digits)
}

// decimal returns the largest type with so many digits behind the point.
func (n *numbers) decimal() tables.Type {
	return tables.Type{Kind: tables.DecimalKind, Precision: tables.MaxPrecision, Scale: uint8(n.behind)}
}
