package convert

import (
	"fmt"
	"strconv"

	"github.com/tidemark/tidemark/codecs/jsontext"
)

// The members that time.precision.mode=structured writes, by their places in parts.
const (
	partYear = iota
	partMonth
	partDay
	partHour
	partMinute
	partSecond
	partNanos
	partOffset
	partYears
	partMonths
	partDays
	partHours
	partMinutes
	partSeconds
	partCount
)

func partNames() [partCount]string {
	return [partCount]string{
		"year", "month", "day", "hour", "minute", "second", "nanos", "offsetSeconds",
		"years", "months", "days", "hours", "minutes", "seconds",
	}
}

// parts are the members of a structured date, time, instant or duration.
type parts struct {
	value   [partCount]int64
	has     [partCount]bool
	special string // POSITIVE_INFINITY or NEGATIVE_INFINITY
}

func readParts(raw []byte) (p parts, ok bool) {
	s := jsontext.Scan(raw)
	names := partNames()
	for _, name := range s.Members() {
		v := s.Value()
		if len(v) == 0 {
			return p, false
		}
		if v[0] == 'n' {
			continue
		}
		if string(name) == "specialValue" {
			p.special = string(v)
			continue
		}
		for i := range names {
			if names[i] != string(name) {
				continue
			}
			n, reason := integer(v)
			if reason != "" {
				return p, false
			}
			p.value[i], p.has[i] = n, true
		}
	}
	return p, s.Fault == ""
}

// structuredText writes an object of calendar and clock parts as ISO 8601 text.
func structuredText(want string, raw []byte) (text []byte, reason string) {
	if raw[0] == '"' { // a ZonedTimestamp beside structured columns stays text
		return jsontext.StringText(want, raw)
	}
	p, ok := readParts(raw)
	date := p.has[partYear] && p.has[partMonth] && p.has[partDay]
	clock := p.has[partHour] && p.has[partMinute] && p.has[partSecond]
	switch {
	case ok && p.special == `"POSITIVE_INFINITY"`:
		return []byte("infinity"), ""
	case ok && p.special == `"NEGATIVE_INFINITY"`:
		return []byte("-infinity"), ""
	case !ok || p.special != "" || !date && !clock || !p.inRange():
		return nil, jsontext.Mismatch(want+" as an object of its parts", raw)
	}
	var out []byte
	if date {
		out = p.appendDate(out)
	}
	if date && clock {
		out = append(out, 'T')
	}
	if clock {
		out = p.appendClock(out)
	}
	return out, ""
}

// inRange keeps numbers that are no part of a date or a time from being read as one.
func (p *parts) inRange() bool {
	within := func(i int, least, most int64) bool { return p.value[i] >= least && p.value[i] <= most }
	return within(partYear, -999_999_999, 999_999_999) && within(partMonth, 0, 12) && within(partDay, 0, 31) &&
		within(partHour, 0, 24) && within(partMinute, 0, 59) && within(partSecond, 0, 60) &&
		within(partNanos, 0, 999_999_999) && within(partOffset, -86_400, 86_400)
}

func (p *parts) appendDate(out []byte) []byte {
	year := p.value[partYear]
	if year < 0 {
		out, year = append(out, '-'), -year
	}
	return fmt.Appendf(out, "%04d-%02d-%02d", year, p.value[partMonth], p.value[partDay])
}

func (p *parts) appendClock(out []byte) []byte {
	out = fmt.Appendf(out, "%02d:%02d:%02d", p.value[partHour], p.value[partMinute], p.value[partSecond])
	if p.value[partNanos] != 0 {
		out = fmt.Appendf(out, ".%09d", p.value[partNanos])
	}
	if off := p.value[partOffset]; off != 0 {
		sign := byte('+')
		if off < 0 {
			sign, off = '-', -off
		}
		out = append(out, sign)
		out = fmt.Appendf(out, "%02d:%02d:%02d", off/3600, off/60%60, off%60)
	}
	return out
}

// structuredDuration writes a structured interval as interval.handling.mode=string
// does: P1Y2M3DT4H5M6.789S, each part with its own sign.
func structuredDuration(raw []byte) (text, reason string) {
	p, ok := readParts(raw)
	if !ok || !p.has[partSeconds] {
		return "", jsontext.Mismatch("a duration as an object of its parts", raw)
	}
	seconds, nanos := p.value[partSeconds], p.value[partNanos]
	if nanos <= -1_000_000_000 || nanos >= 1_000_000_000 {
		return "", jsontext.Mismatch("less than a second of nanoseconds", raw)
	}
	sign := ""
	if seconds < 0 || nanos < 0 {
		sign = "-"
		if seconds > 0 || nanos > 0 {
			return "", jsontext.Mismatch("seconds and nanoseconds of one sign", raw)
		}
	}
	n := func(i int) string { return strconv.FormatInt(p.value[i], 10) }
	out := "P" + n(partYears) + "Y" + n(partMonths) + "M" + n(partDays) + "DT" + n(partHours) + "H" + n(partMinutes) + "M"
	whole := strconv.FormatUint(magnitude(seconds), 10)
	return out + sign + whole + fraction(magnitude(nanos), 9) + "S", ""
}
