package convert

import (
	"bytes"
)

// What Debezium makes of PostgreSQL's infinities. None of these is a date or an
// instant that PostgreSQL has; snapshot and stream differ, since one goes through
// Java's old calendar and the other through its new one.
const (
	javaInfinityMs    = 9223372036825200000
	javaNegInfinityMs = -9223372036832400000
)

// infinityOfDays reports whether days since 1970 stand for an infinity: 1, -1 or 0.
func infinityOfDays(days int64) int {
	switch days {
	case 2146033979, -2147472692, -622191234: // streamed, streamed by the newest, snapshot
		return 1
	case -2147472691, -625821272: // streamed, snapshot
		return -1
	}
	return 0
}

// infinityOfText reports whether ISO 8601 text stands for an infinity: 1, -1 or 0. With
// time.precision.mode=isostring the connector writes the same impossible days as text.
func infinityOfText(text []byte) int {
	if len(text) < len("-5877611-06-22") || text[0] != '+' && text[0] != '-' {
		return 0
	}
	day, clock, _ := bytes.Cut(bytes.TrimSuffix(text, []byte("Z")), []byte("T"))
	switch string(day) {
	case "+5877611-06-21", "-5877611-06-21", "+292278994-08-16", "+292278994-08-17":
		return 1
	case "-5877611-06-22", "+292269055-12-02", "-292269055-12-02", "-292269054-12-02", "-292275055-05-16":
		return -1
	case "+294247-01-10": // the milliseconds of the infinity, taken for microseconds
		if bytes.HasPrefix(clock, []byte("04:00:25.2")) {
			return 1
		}
	case "-290308-12-21":
		if bytes.HasPrefix(clock, []byte("19:59:27.6")) {
			return -1
		}
	}
	return 0
}
