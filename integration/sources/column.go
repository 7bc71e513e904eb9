package sources

import (
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/integration/harness"
)

// kind says how a value is written at the source, and so which encoding its column declares under which setting.
type kind string

const (
	bare      kind = ""          // the JSON says it
	decimal   kind = "decimal"   // decimal.handling.mode
	date      kind = "date"      // time.precision.mode from here ...
	seconds   kind = "seconds"   // a time of at most milliseconds
	daytime   kind = "time"      // a time of microseconds
	millis    kind = "millis"    // a timestamp of at most milliseconds
	micros    kind = "micros"    // a timestamp of microseconds, to here
	zoned     kind = "zoned"     // ISO 8601 whatever the settings
	offset    kind = "offset"    // a time with a zone, whose text is wanted
	interval  kind = "interval"  // interval.handling.mode
	blob      kind = "binary"    // binary.handling.mode
	hstore    kind = "hstore"    // hstore.handling.mode
	document  kind = "document"  // JSON as text
	longtext  kind = "longtext"  // JSON as text, of which the schema says nothing more
	bits      kind = "bits"      // bit strings
	unsigned  kind = "unsigned"  // bigint.unsigned.handling.mode
	duration  kind = "duration"  // MySQL's TIME, which may be negative and above 24 hours
	timestamp kind = "timestamp" // MySQL's TIMESTAMP, which is zoned
)

// column is one column on both sides.
type column struct {
	name string // in the view
	from string // at the source, where it is another
	typ  string // in the view
	kind kind
	sql  string // what SELECT takes instead of the column, in the form of the value's type (see wanted)
	null bool   // on_error: null
}

func (c column) source() string {
	if c.from != "" {
		return c.from
	}
	return c.name
}

// declare is the column in a table's configuration.
func (c column) declare(s Settings) harness.M {
	typ := c.typ
	if c.kind == interval && (s.Interval == "string" || s.Time == "structured") {
		typ = "string"
	}
	if c.kind == duration && s.Time == "isostring" {
		typ = "time"
	}
	m := harness.Col(c.name, typ)
	if e := c.encoding(s); e != "" {
		m["encoding"] = e
	}
	if c.from != "" {
		m["path"] = c.from
	}
	if c.null {
		m["on_error"] = "null"
	}
	return m
}

// encoding is what the column has to declare. A schema says most of it, but not what a text holds.
func (c column) encoding(s Settings) string {
	e := c.bareEncoding(s)
	text := e == "decimal_string" || c.kind == blob && s.Binary != "" && s.Binary != "bytes"
	if s.Schemas && !text && c.kind != unsigned && c.kind != longtext {
		return ""
	}
	return e
}

func (c column) bareEncoding(s Settings) string {
	if s.Time == "structured" {
		switch c.kind {
		case date, seconds, daytime, millis, micros, zoned, offset, interval:
			return "structured"
		}
	}
	switch c.kind {
	case decimal:
		return map[string]string{"": "decimal_base64", "precise": "decimal_base64", "string": "decimal_string"}[s.Decimal]
	case date, seconds, daytime, millis, micros:
		return timeEncodings[c.kind][s.Time]
	case zoned, timestamp:
		return "iso_timestamp"
	case interval:
		return map[string]string{"": "duration_us", "numeric": "duration_us"}[s.Interval]
	case blob:
		if s.Binary == "hex" {
			return "bytes_hex"
		}
		return "bytes_base64"
	case hstore:
		return map[string]string{"": "json_string", "json": "json_string"}[s.HStore]
	case document, longtext:
		return "json_string"
	case bits:
		return "bits_le"
	case duration:
		return timeEncodings[daytime][s.Time]
	case unsigned:
		return map[string]string{"": "uint64_wrapped", "long": "uint64_wrapped", "precise": "decimal_base64"}[s.Unsigned]
	}
	return ""
}

// timeEncodings are the encodings under each time.precision.mode.
var timeEncodings = map[kind]map[string]string{
	date: {
		"adaptive": "epoch_days", "adaptive_time_microseconds": "epoch_days", "connect": "epoch_days",
		"isostring": "iso_timestamp", "microseconds": "epoch_days", "nanoseconds": "epoch_days",
	},
	seconds: {
		"adaptive": "time_ms", "adaptive_time_microseconds": "time_us", "connect": "time_ms",
		"isostring": "iso_timestamp", "microseconds": "time_us", "nanoseconds": "time_ns",
	},
	daytime: {
		"adaptive": "time_us", "adaptive_time_microseconds": "time_us", "connect": "time_ms",
		"isostring": "iso_timestamp", "microseconds": "time_us", "nanoseconds": "time_ns",
	},
	millis: {
		"adaptive": "epoch_ms", "adaptive_time_microseconds": "epoch_ms", "connect": "epoch_ms",
		"isostring": "iso_timestamp", "microseconds": "epoch_us", "nanoseconds": "epoch_ns",
	},
	micros: {
		"adaptive": "epoch_us", "adaptive_time_microseconds": "epoch_us", "connect": "epoch_ms",
		"isostring": "iso_timestamp", "microseconds": "epoch_us", "nanoseconds": "epoch_ns",
	},
}

// table is the configuration of a table behind the connector.
func table(name, topic string, s Settings, key []string, columns []column) harness.M {
	var declared []harness.M
	for _, c := range columns {
		declared = append(declared, c.declare(s))
	}
	m := harness.Table(name, topic, s.format(), key, declared...)
	if s.Placeholder != "" {
		m["source"].(harness.M)["unavailable_placeholder"] = s.Placeholder
	}
	return m
}

// parseColumns reads a column a line: name, type, kind, and the SQL or > and another name at the source; a ? after
// the type declares on_error: null.
func parseColumns(text string) []column {
	var out []column
	for line := range strings.Lines(text) {
		f := strings.SplitN(strings.TrimSpace(line), "|", 4)
		if len(f) < 3 {
			if strings.TrimSpace(line) != "" {
				panic(fmt.Sprintf("column %q", line)) // a constant of this package
			}
			continue
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		c := column{name: f[0], kind: kind(f[2])}
		c.typ, c.null = strings.CutSuffix(f[1], "?")
		if len(f) == 4 {
			c.sql = f[3]
		}
		if name, from, ok := strings.Cut(c.name, " < "); ok {
			c.name, c.from = name, from
		}
		out = append(out, c)
	}
	return out
}

// selected is what SELECT takes for the column.
func (c column) selected(s Settings) string {
	switch {
	case c.kind == interval && s.Interval != "string" && s.Time != "structured":
		return strings.ReplaceAll(intervalMicroseconds, "?", c.source())
	case c.kind == duration:
		return c.sql + map[string]string{"connect": " DIV 1000", "nanoseconds": " * 1000"}[s.Time]
	case c.sql != "":
		return c.sql
	}
	return c.source()
}

// intervalMicroseconds is how Debezium counts an interval: a month is a twelfth of 365.25 days.
const intervalMicroseconds = `trunc(((extract(year FROM ?) * 12 + extract(month FROM ?)) * 30.4375 + extract(day FROM ?)) * 86400 * 1e6 +
  (extract(hour FROM ?) * 60 + extract(minute FROM ?)) * 60 * 1e6 + extract(microseconds FROM ?))`
