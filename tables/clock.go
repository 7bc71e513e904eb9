package tables

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	usPerSecond = 1_000_000
	usPerDay    = 86_400 * usPerSecond
)

// AppendDate appends days since 1970-01-01 as 2006-01-02. Years before 1 are
// astronomical with a minus sign, years after 9999 carry a plus sign (ISO 8601
// expanded form, as Java writes them); infinities are PostgreSQL's words.
func AppendDate(dst []byte, days int64) []byte {
	switch days {
	case DateInfinity:
		return append(dst, "infinity"...)
	case DateNegInfinity:
		return append(dst, "-infinity"...)
	}
	y, m, d := time.Unix(days*86_400, 0).UTC().Date()
	return appendCivil(dst, y, int(m), d)
}

func appendCivil(dst []byte, y, m, d int) []byte {
	switch {
	case y > 9999:
		dst = append(dst, '+')
	case y < 0:
		dst = append(dst, '-')
		y = -y
	}
	dst = appendPadded(dst, y, 4)
	dst = append(dst, '-')
	dst = appendPadded(dst, m, 2)
	dst = append(dst, '-')
	return appendPadded(dst, d, 2)
}

// appendPadded appends a number that is not negative with at least width digits.
func appendPadded(dst []byte, n, width int) []byte {
	var buf [20]byte
	i := len(buf)
	for ; n > 0 || width > 0; width-- {
		i--
		buf[i] = byte('0' + n%10)
		n /= 10
	}
	return append(dst, buf[i:]...)
}

// AppendTime appends microseconds since midnight as 15:04:05.000000.
func AppendTime(dst []byte, us int64) []byte {
	s := us / usPerSecond
	dst = appendPadded(dst, int(s/3600), 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, int(s/60%60), 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, int(s%60), 2)
	dst = append(dst, '.')
	return appendPadded(dst, int(us%usPerSecond), 6)
}

// AppendTimestamp appends microseconds since the epoch as 2006-01-02T15:04:05.000000Z,
// years as in AppendDate.
func AppendTimestamp(dst []byte, us int64) []byte {
	switch us {
	case TimestampInfinity:
		return append(dst, "infinity"...)
	case TimestampNegInfinity:
		return append(dst, "-infinity"...)
	}
	days := floorDiv(us, usPerDay)
	y, m, d := time.Unix(days*86_400, 0).UTC().Date()
	dst = appendCivil(dst, y, int(m), d)
	dst = append(dst, 'T')
	dst = AppendTime(dst, us-days*usPerDay)
	return append(dst, 'Z')
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// ParseDate reads 2006-01-02, with an optional sign and more digits of the year,
// an optional trailing Z, an optional " BC", or an infinity.
func ParseDate(s string) (int64, error) {
	switch s {
	case "infinity":
		return DateInfinity, nil
	case "-infinity":
		return DateNegInfinity, nil
	}
	body, bc := strings.CutSuffix(strings.TrimSuffix(s, "Z"), " BC")
	days, rest, ok := civil(body, bc)
	if !ok || rest != "" {
		return 0, fmt.Errorf("%q is no date like 2026-11-22", clip(s))
	}
	if days <= DateNegInfinity || days >= DateInfinity {
		return 0, fmt.Errorf("%q is outside the years that a date holds", clip(s))
	}
	return days, nil
}

// civil reads a leading date; in BC years, year 1 is astronomical year 0.
func civil(s string, bc bool) (days int64, rest string, ok bool) {
	body, neg := strings.CutPrefix(s, "-")
	if !neg {
		body = strings.TrimPrefix(s, "+")
	}
	i := 0
	for i < len(body) && i < 9 && isDigit(body[i]) {
		i++
	}
	if i < 4 || len(body) < i+6 || body[i] != '-' || body[i+3] != '-' {
		return 0, "", false
	}
	y, _ := strconv.Atoi(body[:i])
	m, ok1 := twoDigits(body[i+1:])
	d, ok2 := twoDigits(body[i+4:])
	if neg {
		y = -y
	}
	if bc {
		y = 1 - y
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if !ok1 || !ok2 || m < 1 || m > 12 || t.Day() != d {
		return 0, "", false
	}
	return floorDiv(t.Unix(), 86_400), body[i+6:], true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func twoDigits(s string) (int, bool) {
	if len(s) < 2 || !isDigit(s[0]) || !isDigit(s[1]) {
		return 0, false
	}
	return int(s[0]-'0')*10 + int(s[1]-'0'), true
}

// ParseTime reads 15:04, 15:04:05 or 15:04:05.000000, with an optional zone,
// which is taken off; 24:00:00 is the end of the day.
func ParseTime(s string) (int64, error) {
	us, rest, ok := timeOfDay(s)
	if ok {
		var off int64
		if off, ok = zone(rest); ok && off != 0 {
			us -= off
			us = us - floorDiv(us, usPerDay)*usPerDay
		}
	}
	if !ok {
		return 0, fmt.Errorf("%q is no time like 10:15:00.123456", clip(s))
	}
	return us, nil
}

// timeOfDay reads a leading time of day; digits below a microsecond are cut off.
func timeOfDay(s string) (us int64, rest string, ok bool) {
	h, ok1 := twoDigits(s)
	if !ok1 || len(s) < 5 || s[2] != ':' {
		return 0, "", false
	}
	m, ok2 := twoDigits(s[3:])
	if !ok2 || h > 24 || m > 59 {
		return 0, "", false
	}
	us, rest = int64(h*3600+m*60)*usPerSecond, s[5:]
	if strings.HasPrefix(rest, ":") {
		sec, ok3 := twoDigits(rest[1:])
		if !ok3 || sec > 60 {
			return 0, "", false
		}
		us += int64(sec) * usPerSecond
		rest = rest[3:]
		if strings.HasPrefix(rest, ".") {
			frac, n := int64(0), 0
			for rest = rest[1:]; len(rest) > 0 && isDigit(rest[0]); rest = rest[1:] {
				if n < 6 {
					frac = frac*10 + int64(rest[0]-'0')
					n++
				}
			}
			if n == 0 {
				return 0, "", false
			}
			for ; n < 6; n++ {
				frac *= 10
			}
			us += frac
		}
	}
	return us, rest, us <= usPerDay
}

// zone reads the whole of s as nothing, Z, or an offset such as +01, +0100, +01:00 or +01:00:30.
func zone(s string) (us int64, ok bool) {
	if s == "" || s == "Z" || s == "z" {
		return 0, true
	}
	if s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	digits := strings.ReplaceAll(s[1:], ":", "")
	if len(digits) != 2 && len(digits) != 4 && len(digits) != 6 {
		return 0, false
	}
	for unit := int64(3600); len(digits) > 0; unit /= 60 {
		n, ok := twoDigits(digits)
		if !ok || n > 59 || unit == 3600 && n > 24 {
			return 0, false
		}
		us += int64(n) * unit * usPerSecond
		digits = digits[2:]
	}
	if s[0] == '-' {
		us = -us
	}
	return us, true
}

// ParseTimestamp reads an ISO 8601 or PostgreSQL timestamp: a date as in ParseDate,
// then optionally T or a space, a time and a zone. Without a zone it is UTC.
// It must lie within int64 microseconds (years -290307 to 294246).
func ParseTimestamp(s string) (int64, error) {
	switch s {
	case "infinity":
		return TimestampInfinity, nil
	case "-infinity":
		return TimestampNegInfinity, nil
	}
	bad := fmt.Errorf("%q is no timestamp like 2026-11-22T10:15:00.123456Z", clip(s))
	body, bc := strings.CutSuffix(s, " BC")
	days, rest, ok := civil(body, bc)
	if !ok {
		return 0, bad
	}
	var us, off int64
	if rest != "" && rest != "Z" {
		if rest[0] != 'T' && rest[0] != 't' && rest[0] != ' ' {
			return 0, bad
		}
		if us, rest, ok = timeOfDay(rest[1:]); !ok {
			return 0, bad
		}
		if off, ok = zone(strings.TrimPrefix(rest, " ")); !ok {
			return 0, bad
		}
	}
	const limit = 106_751_990 // days: with a zone's day to spare at either end of int64 microseconds
	if days <= -limit || days >= limit {
		return 0, fmt.Errorf("%q is outside the years that a timestamp holds", clip(s))
	}
	return days*usPerDay + us - off, nil
}
