package checkup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/tables"
)

// A loss is what a connector's setting takes from columns, and nobody can see afterwards.
type loss struct {
	id           findings.ID
	what, remedy string
	found        func(f *convert.Schema, connector string) bool
}

// losses are all that are known.
func losses() []loss { return slices.Concat(valueLosses(), timeLosses()) }

func valueLosses() []loss {
	return []loss{
		{
			findings.LossDefault,
			"a NULL arrives as the column's default where the converter has replace.null.with.default=true, as by default",
			"set replace.null.with.default=false on the value's converter",
			func(f *convert.Schema, _ string) bool {
				return f.Optional && len(f.Default) > 0 && string(f.Default) != "null"
			},
		},
		{
			findings.LossNaN,
			"NaN and the infinities of numeric arrive as null with decimal.handling.mode=precise",
			"set decimal.handling.mode=string if the columns can hold them, and the type string or float64 here",
			func(f *convert.Schema, connector string) bool {
				return connector == "postgresql" && (f.Name == "io.debezium.data.VariableScaleDecimal" || f.Name == "org.apache.kafka.connect.data.Decimal")
			},
		},
	}
}

func timeLosses() []loss {
	named := func(names ...string) func(*convert.Schema, string) bool {
		return func(f *convert.Schema, _ string) bool { return slices.Contains(names, f.Name) }
	}
	return []loss{
		{
			findings.LossMilliseconds,
			"time.precision.mode=connect cuts times and instants to milliseconds",
			"set time.precision.mode=adaptive or microseconds on the connector",
			named("org.apache.kafka.connect.data.Time", "org.apache.kafka.connect.data.Timestamp"),
		},
		{
			findings.LossNanoseconds,
			"time.precision.mode=nanoseconds reaches from 1677 to 2262; a value outside arrives as null",
			"set time.precision.mode=microseconds on the connector",
			func(f *convert.Schema, connector string) bool {
				return connector == "postgresql" && f.Name == "io.debezium.time.NanoTimestamp"
			},
		},
		{
			findings.LossNanoseconds,
			"time.precision.mode=nanoseconds reaches from 1677 to 2262; a value outside arrives as another date",
			"set time.precision.mode=adaptive_time_microseconds on the connector",
			func(f *convert.Schema, connector string) bool {
				return (connector == "mysql" || connector == "mariadb") && f.Name == "io.debezium.time.NanoTimestamp"
			},
		},
		{
			findings.LossInterval,
			"interval.handling.mode=numeric takes a month for 30.4375 days and ends at 292,000 years",
			"set interval.handling.mode=string on the connector, and the type string here, if the parts matter",
			named("io.debezium.time.MicroDuration"),
		},
		{
			findings.LossEndOfDay,
			"time.precision.mode=isostring writes 24:00:00 as 00:00:00",
			"set time.precision.mode=adaptive on the connector if a column holds the end of the day",
			named("io.debezium.time.IsoTime"),
		},
	}
}

// lost finds columns whose schema shows that the connector loses something of them.
// Records without a schema show nothing.
func lost(t *tables.Table, s *sample.Sample) []Finding {
	row, connector := rowSchema(t, s)
	if row == nil {
		return nil
	}
	var out []Finding
	for _, l := range losses() {
		var names []string
		for i := range t.Columns {
			for _, place := range t.Columns[i].Places() {
				if f := row.Member(place); f != nil && l.found(f, connector) {
					names = append(names, t.Columns[i].Name)
					break
				}
			}
		}
		if len(names) > 0 {
			out = append(out, Finding{l.id, Note, t.Name, fmt.Sprintf("%s: %s", strings.Join(names, ", "), l.what), l.remedy})
		}
	}
	return out
}

// rowSchema returns the schema of the rows in the newest record that has one, and the
// connector that wrote it, where the record says so.
func rowSchema(t *tables.Table, s *sample.Sample) (row *convert.Schema, connector string) {
	for _, r := range slices.Backward(s.Records) {
		if !bytes.Contains(r.Value[:min(len(r.Value), 64)], []byte(`"schema"`)) {
			continue
		}
		var v struct {
			Schema  *convert.Schema `json:"schema"`
			Payload struct {
				Source struct {
					Connector string `json:"connector"`
				} `json:"source"`
			} `json:"payload"`
		}
		if json.Unmarshal(r.Value, &v) != nil || v.Schema == nil || len(v.Schema.Fields) == 0 {
			continue
		}
		if t.Source.Format != tables.DebeziumJSON {
			return v.Schema, v.Payload.Source.Connector
		}
		if after := v.Schema.Member("after"); after != nil {
			return after, v.Payload.Source.Connector
		}
	}
	return nil, ""
}

// overruled finds columns whose declared encoding says something else than the schema
// of the newest records, which wins.
func overruled(t *tables.Table, s *sample.Sample) []Finding {
	row, _ := rowSchema(t, s)
	if row == nil {
		return nil
	}
	var out []Finding
	for i := range t.Columns {
		c := &t.Columns[i]
		for _, place := range c.Places() {
			f := row.Member(place)
			if f == nil {
				continue
			}
			if f.Name == "" && c.Items == nil && f.Type != "bytes" && !convert.LeftOpen(f.Type, c.Encoding) {
				out = append(out, Finding{
					findings.EncodingOverruled, Note, t.Name, fmt.Sprintf("column %s declares the encoding %s, and the newest records' schema says %s: the schema is what counts", c.Name, c.Encoding, f.Type),
					"leave the encoding out; if the column's type was changed at the source, change its type here",
				})
			}
			break
		}
	}
	return out
}

// undeclared finds what a table without schemas does not show and cannot be seen
// from its values: the same losses, by the declared encodings.
func undeclared(t *tables.Table, s *sample.Sample) []Finding {
	if row, _ := rowSchema(t, s); row != nil || t.Source.Format != tables.DebeziumJSON && t.Source.Format != tables.FlattenedJSON {
		return nil
	}
	out := []Finding{{
		findings.NoSchema, Note, t.Name, "the records carry no schema, so it cannot be seen whether NULLs were replaced by defaults",
		"set replace.null.with.default=false on the value's converter; its default is true",
	}}
	var scaled []string
	for i := range t.Columns {
		if c := &t.Columns[i]; measured(c.Encoding) {
			scaled = append(scaled, c.Name)
		}
	}
	if len(scaled) > 0 {
		out = append(out, Finding{
			findings.ScaleUnseen, Note, t.Name, fmt.Sprintf("%s: the records carry no schema, so a scale or a unit that is not the declared one, or that changes at the source, cannot be seen: 1.5 is then read as 150.00, and milliseconds as microseconds",
				strings.Join(scaled, ", ")),
			"set schemas.enable=true on the value's converter, or let it write Avro; no encoding is needed then",
		})
	}
	return out
}

// measured reports whether an encoding means another value under another scale or unit.
func measured(e tables.Encoding) bool {
	switch e {
	case tables.EncodingDecimalBase64, tables.EncodingEpochS, tables.EncodingEpochMs, tables.EncodingEpochUs, tables.EncodingEpochNs,
		tables.EncodingTimeMs, tables.EncodingTimeUs, tables.EncodingTimeNs, tables.EncodingDurationUs:
		return true
	}
	return false
}
