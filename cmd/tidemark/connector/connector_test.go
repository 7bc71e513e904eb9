package connector

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
)

// An instant, 2024-02-29 12:34:56.789012, and its parts as numbers.
const (
	day     = 19_782
	instant = 1_709_210_096_789_012
	clock   = 45_296_789_012
)

func numbers(all ...int64) (v Values) {
	for _, n := range all {
		v.Numbers.Take(n)
	}
	return v
}

func texts(all ...string) Values { return Values{Texts: all} }

// under is the values that a time.precision.mode writes for a day, a time and an instant of so many digits.
func under(mode, typ string, digits int) Values {
	cut := map[int]int64{0: 1_000_000, 3: 1_000, 6: 1}[digits]
	at, of := int64(instant)/cut*cut, int64(clock)/cut*cut
	if mode == "structured" {
		return Values{Objects: 2}
	}
	if mode == "isostring" {
		return texts("2024-02-29T12:34:56Z")
	}
	unit := map[string]int64{"connect": 1000, "nanoseconds": -1000}[mode]
	if mode == "adaptive" && digits <= 3 || mode == "adaptive_time_microseconds" && digits <= 3 && typ == "timestamp" {
		unit = 1000
	}
	scale := func(us int64) int64 {
		switch {
		case unit > 0:
			return us / unit
		case unit < 0:
			return us * -unit
		}
		return us
	}
	switch typ {
	case "date":
		return numbers(day, day+1)
	case "time":
		return numbers(scale(of), scale(of+3_600_000_000))
	}
	return numbers(scale(at), scale(at+86_400_000_000))
}

// Values without a schema tell the mode, for their own column and for those without values.
func TestEveryTimeModeIsToldByValues(t *testing.T) {
	want := map[string]string{ // date, time, time(3), timestamp, timestamp(3), timestamp(0)
		"adaptive":                   "epoch_days time_us time_ms epoch_us epoch_ms epoch_ms",
		"adaptive_time_microseconds": "epoch_days time_us time_us epoch_us epoch_ms epoch_ms",
		"microseconds":               "epoch_days time_us time_us epoch_us epoch_us epoch_us",
		"connect":                    "epoch_days time_ms time_ms epoch_ms epoch_ms epoch_ms",
		"nanoseconds":                "epoch_days time_ns time_ns epoch_ns epoch_ns epoch_ns",
		"isostring":                  "iso_timestamp iso_timestamp iso_timestamp iso_timestamp iso_timestamp iso_timestamp",
		"structured":                 "structured structured structured structured structured structured",
	}
	columns := []catalogue.Column{{Type: "date"}, {Type: "time", Fraction: 6}, {Type: "time", Fraction: 3}, {Type: "timestamp", Fraction: 6}, {Type: "timestamp", Fraction: 3}, {Type: "timestamp"}}
	for mode, encodings := range want {
		s := NewSettings(catalogue.Postgres)
		for _, c := range columns {
			s.Observe(c, under(mode, c.Type, c.Fraction))
		}
		for i, w := range strings.Fields(encodings) {
			own, _ := s.Declare(columns[i], under(mode, columns[i].Type, columns[i].Fraction), false)
			if string(own.Encoding) != w || !own.Sure || !strings.Contains(own.Why, mode) {
				t.Errorf("%s, %+v: %+v, want %s", mode, columns[i], own, w)
			}
			silent, _ := s.Declare(columns[i], Values{}, false)
			if string(silent.Encoding) != w || !silent.Sure || !strings.Contains(silent.Why, "as other columns") {
				t.Errorf("%s, %+v without values: %+v, want %s", mode, columns[i], silent, w)
			}
		}
	}
}

// Where nothing tells, the connector's default is taken, and that is said.
func TestDefaultsAreSaid(t *testing.T) {
	for _, c := range []struct {
		system catalogue.System
		column catalogue.Column
		want   string
	}{
		{catalogue.Postgres, catalogue.Column{Type: "timestamp", Fraction: 6}, "epoch_us"},
		{catalogue.Postgres, catalogue.Column{Type: "time", Fraction: 3}, "time_ms"},
		{catalogue.MySQL, catalogue.Column{Type: "time"}, "time_us"},
		{catalogue.MySQL, catalogue.Column{Type: "datetime", Fraction: 3}, "epoch_ms"},
		{catalogue.Postgres, catalogue.Column{Type: "numeric", Precision: 12, Scale: 2}, "decimal_base64"},
		{catalogue.Postgres, catalogue.Column{Type: "bytea"}, "bytes_base64"},
		{catalogue.Postgres, catalogue.Column{Type: "interval"}, "duration_us"},
		{catalogue.Postgres, catalogue.Column{Type: "hstore"}, "json_string"},
		{catalogue.MySQL, catalogue.Column{Type: "bigint", Unsigned: true}, "uint64_wrapped"},
	} {
		d, ok := NewSettings(c.system).Declare(c.column, Values{}, false)
		if !ok || string(d.Encoding) != c.want || d.Sure || !strings.Contains(d.Why, "no value seen: written as by default") {
			t.Errorf("%+v: %+v, want %s", c.column, d, c.want)
		}
	}
	// Days tell nothing of the unit of instants.
	s := NewSettings(catalogue.Postgres)
	s.Observe(catalogue.Column{Type: "date"}, numbers(day))
	if d, _ := s.Declare(catalogue.Column{Type: "timestamp", Fraction: 6}, Values{}, false); d.Sure || d.Encoding != "epoch_us" {
		t.Errorf("%+v", d)
	}
}

// Each column that values alone do not settle goes by the others.
func TestWhatValuesLeaveOpenIsAsElsewhere(t *testing.T) {
	s := NewSettings(catalogue.Postgres)
	wide := catalogue.Column{Type: "timestamp", Fraction: 6}
	s.Observe(wide, numbers(instant/1000))
	if d, _ := s.Declare(wide, numbers(0), false); d.Encoding != "epoch_ms" {
		t.Errorf("the epoch itself: %+v", d)
	}
	// The end of the year 9999 in milliseconds looks like a day in microseconds.
	end := catalogue.Column{Type: "timestamp", Fraction: 3}
	s.Observe(end, numbers(253_402_300_799_999))
	if d, _ := s.Declare(end, numbers(253_402_300_799_999), false); d.Encoding != "epoch_ms" {
		t.Errorf("the end of 9999: %+v", d)
	}
	// A column whose values contradict the others goes by its own.
	if d, _ := s.Declare(catalogue.Column{Type: "time", Fraction: 6}, numbers(clock), false); d.Encoding != "time_us" {
		t.Errorf("a time of microseconds cannot be of milliseconds: %+v", d)
	}
	// Infinity is no number of anything.
	if d, _ := s.Declare(wide, numbers(9_223_372_036_825_200_000, 0), false); d.Encoding != "epoch_ms" {
		t.Errorf("infinity: %+v", d)
	}
}

func TestOtherModesAreToldByValues(t *testing.T) {
	price, whole, free := catalogue.Column{Type: "numeric", Precision: 12, Scale: 2}, catalogue.Column{Type: "numeric", Precision: 12}, catalogue.Column{Type: "numeric"}
	raw, big := catalogue.Column{Type: "bytea"}, catalogue.Column{Type: "numeric", Precision: 50, Scale: 10}
	for name, c := range map[string]struct {
		system catalogue.System
		column catalogue.Column
		values Values
		want   string
	}{
		"base64 of a decimal":           {catalogue.Postgres, price, texts("ALxhTg==", "AA=="), "decimal(12,2) decimal_base64"},
		"base64 that looks like digits": {catalogue.Postgres, price, texts("1234"), "decimal(12,2) decimal_base64"},
		"digits":                        {catalogue.Postgres, price, texts("12.34", "0.00"), "decimal(12,2) decimal_string"},
		"whole digits":                  {catalogue.Postgres, whole, texts("12", "1234"), "decimal(12,0) decimal_string"},
		"floats":                        {catalogue.Postgres, price, Values{Fractions: 2}, "decimal(12,2) "},
		"no number":                     {catalogue.Postgres, price, texts("12.34", "NAN"), "string "},
		"any scale":                     {catalogue.Postgres, free, Values{Varying: 1}, "string decimal_base64"},
		"any scale as text":             {catalogue.Postgres, free, texts("1.10", "NAN"), "string "},
		"any scale as floats":           {catalogue.Postgres, free, Values{Fractions: 1}, "float64 "},
		"more digits than there are":    {catalogue.Postgres, big, texts("ALxhTg=="), "decimal(38,10) decimal_base64"},
		"more digits, with a schema":    {catalogue.Postgres, big, Values{SchemaType: "bytes", Schema: "org.apache.kafka.connect.data.Decimal", Texts: []string{"AA=="}}, "string "},
		"hexadecimal":                   {catalogue.Postgres, raw, texts("00ff10fe", "deadbeef"), "bytes bytes_hex"},
		"base64":                        {catalogue.Postgres, raw, texts("AP8Q", "deadbeef"), "bytes bytes_base64"},
		"base64 under a text's schema":  {catalogue.Postgres, raw, Values{SchemaType: "string", Texts: []string{"AP8Q"}}, "bytes bytes_base64"},
		"an interval as a number":       {catalogue.Postgres, catalogue.Column{Type: "interval"}, numbers(37091106789012), "int64 duration_us"},
		"an interval as a text":         {catalogue.Postgres, catalogue.Column{Type: "interval"}, texts("P1Y2M3DT4H5M6.789012S"), "string "},
		"an hstore as a map":            {catalogue.Postgres, catalogue.Column{Type: "hstore"}, Values{Objects: 1}, "json "},
		"an hstore as JSON":             {catalogue.Postgres, catalogue.Column{Type: "hstore"}, texts(`{"a":"1"}`), "json json_string"},
		"expanded JSON":                 {catalogue.Postgres, catalogue.Column{Type: "jsonb"}, Values{Objects: 1}, "json "},
		"bits":                          {catalogue.Postgres, catalogue.Column{Type: "bit", Length: 8}, texts("qg=="), "int64 bits_le"},
		"one bit":                       {catalogue.Postgres, catalogue.Column{Type: "bit", Length: 1}, Values{Bools: 1}, "bool "},
		"unsigned, wrapped":             {catalogue.MySQL, catalogue.Column{Type: "bigint", Unsigned: true}, numbers(-1), "decimal(20,0) uint64_wrapped"},
		"unsigned, precise":             {catalogue.MySQL, catalogue.Column{Type: "bigint", Unsigned: true}, texts("AP//////////"), "decimal(20,0) decimal_base64"},
		"unsigned, with a schema":       {catalogue.MySQL, catalogue.Column{Type: "bigint", Unsigned: true}, Values{SchemaType: "int64", Numbers: numbers(-1).Numbers}, "decimal(20,0) uint64_wrapped"},
		"unsigned int":                  {catalogue.MySQL, catalogue.Column{Type: "int", Unsigned: true}, numbers(4294967295), "int64 "},
		"a time of MySQL":               {catalogue.MySQL, catalogue.Column{Type: "time"}, numbers(45_296_000_000), "string time_us"},
		"a time of MySQL, with schema":  {catalogue.MySQL, catalogue.Column{Type: "time"}, Values{SchemaType: "int64", Schema: "io.debezium.time.MicroTime", Numbers: numbers(clock).Numbers}, "string "},
		"a datetime of a transform":     {catalogue.MySQL, catalogue.Column{Type: "timestamp"}, numbers(instant / 1000), "timestamp epoch_ms"},
		"JSON of MariaDB, with schema":  {catalogue.MySQL, catalogue.Column{Type: "longtext", JSON: true}, Values{SchemaType: "string", Texts: []string{"{}"}}, "json json_string"},
		"an array of decimals":          {catalogue.Postgres, catalogue.Column{Type: "array", Items: &price}, Values{Arrays: 1, Items: &Values{Texts: []string{"bg=="}}}, "json of decimal(12,2) decimal_base64"},
		"an array of texts":             {catalogue.Postgres, catalogue.Column{Type: "array", Items: &catalogue.Column{Type: "text"}}, Values{Arrays: 1}, "json "},
		"text digits of a number":       {catalogue.MySQL, catalogue.Column{Type: "bigint"}, texts("12"), "int64 decimal_string"},
	} {
		s := NewSettings(c.system)
		s.Observe(c.column, c.values)
		d, ok := s.Declare(c.column, c.values, false)
		got := d.Type.String()
		if d.Items != nil {
			got += " of " + d.Items.String()
		}
		if got += " " + string(d.Encoding); !ok || got != c.want || !d.Sure {
			t.Errorf("%s: %q (%v), want %q", name, got, d, c.want)
		}
	}
}

// A key without a schema says how it is written, though the values have one.
func TestKeysWithoutSchemasSayTheirEncoding(t *testing.T) {
	for _, c := range []struct {
		column catalogue.Column
		values Values
		want   string
	}{
		{catalogue.Column{Type: "date"}, Values{SchemaType: "int32", Schema: "io.debezium.time.Date", Numbers: numbers(day).Numbers}, "epoch_days"},
		{catalogue.Column{Type: "date"}, Values{SchemaType: "int32", Schema: "org.apache.kafka.connect.data.Date", Numbers: numbers(day).Numbers}, "epoch_days"},
		{catalogue.Column{Type: "timestamp", Fraction: 6}, Values{SchemaType: "int64", Schema: "io.debezium.time.MicroTimestamp", Numbers: numbers(0).Numbers}, "epoch_us"},
		{catalogue.Column{Type: "timestamp", Fraction: 6}, Values{SchemaType: "int64", Schema: "io.debezium.time.NanoTimestamp", Numbers: numbers(0).Numbers}, "epoch_ns"},
		{catalogue.Column{Type: "numeric", Precision: 9, Scale: 2}, Values{SchemaType: "bytes", Schema: "org.apache.kafka.connect.data.Decimal", Texts: []string{"1234"}}, "decimal_base64"},
		{catalogue.Column{Type: "bytea"}, Values{SchemaType: "bytes", Texts: []string{"deadbeef"}}, "bytes_base64"},
		{catalogue.Column{Type: "int8"}, Values{SchemaType: "int64", Numbers: numbers(1).Numbers}, ""},
	} {
		s := NewSettings(catalogue.Postgres)
		s.Observe(c.column, c.values)
		d, _ := s.Declare(c.column, c.values, true)
		if string(d.Encoding) != c.want {
			t.Errorf("%+v: %+v, want %s", c.column, d, c.want)
		}
		if d, _ = s.Declare(c.column, c.values, false); d.Encoding != "" {
			t.Errorf("%+v: the schema says it, and %s is declared", c.column, d.Encoding)
		}
	}
}

// What is in no event, and what nothing is known of, is left to what the records show.
func TestUnknownTypesAreNotDeclared(t *testing.T) {
	for _, c := range []catalogue.Column{{Type: "tsquery"}, {Type: "comp", Composite: true}, {Type: "somebodys"}, {Type: "numeric", Precision: 2, Scale: -3}} {
		if d, ok := NewSettings(catalogue.Postgres).Declare(c, Values{}, false); ok {
			t.Errorf("%+v: %+v", c, d)
		}
	}
}
