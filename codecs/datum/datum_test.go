package datum

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/twmb/avro"
)

func parse(t testing.TB, schema string) *Schema {
	t.Helper()
	s, err := Parse(schema)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func encode(t testing.TB, schema string, v any) []byte {
	t.Helper()
	b, err := avro.MustParse(schema, avro.WithLaxNames(nil)).Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type m = map[string]any

func TestValuesAreWrittenAsTheConverterDoes(t *testing.T) {
	long := `{"type":"record","name":"L","fields":[{"name":"v","type":"long"},{"name":"next","type":["null","L"]}]}`
	entries := `{"type":"array","items":{"type":"record","name":"MapEntry","namespace":"io.confluent.connect.avro","fields":[
		{"name":"key","type":["null","string"]},{"name":"value","type":["null","int"]}]}}`
	for _, c := range []struct {
		schema string
		value  any
		want   string
	}{
		{`"long"`, int64(math.MinInt64), "-9223372036854775808"},
		{`"long"`, int64(math.MaxInt64), "9223372036854775807"},
		{`"int"`, int32(-1), "-1"},
		{`"boolean"`, true, "true"},
		{`"null"`, nil, "null"},
		{`"double"`, 0.1, "0.1"},
		{`"double"`, 1e300, "1e+300"},
		{`"double"`, math.Copysign(0, -1), "-0"},
		{`"double"`, math.NaN(), `"NaN"`},
		{`"double"`, math.Inf(1), `"Infinity"`},
		{`"float"`, float32(math.Inf(-1)), `"-Infinity"`},
		{`"float"`, float32(0.1), "0.1"},
		{`"string"`, "a\"\\\n\u2028é", `"a\"\\\n` + "\u2028é\""},
		{`"bytes"`, []byte{0, 255}, `"AP8="`},
		{`{"type":"fixed","name":"f","size":2}`, []byte{1, 2}, `"AQI="`},
		{`{"type":"fixed","name":"f","size":16,"logicalType":"uuid"}`, [16]byte{15: 1}, `"00000000-0000-0000-0000-000000000001"`},
		{`{"type":"fixed","name":"f","size":12,"logicalType":"duration"}`, avro.Duration{Months: 1, Days: 2, Milliseconds: 3004}, `"P1M2DT3.004S"`},
		{`{"type":"enum","name":"e","symbols":["A","B"]}`, "B", `"B"`},
		{`["null","string"]`, nil, "null"},
		{`["string","null"]`, "x", `"x"`},
		{`["null","string","long"]`, int64(7), "7"},
		{`{"type":"array","items":"long"}`, []int64{1, 2}, "[1,2]"},
		{`{"type":"array","items":"long"}`, []int64{}, "[]"},
		{`{"type":"map","values":["null","int"]}`, m{"k.1": int32(1)}, `{"k.1":1}`},
		{entries, []m{{"key": "a", "value": int32(1)}, {"key": "b", "value": nil}}, `{"a":1,"b":null}`},
		{long, m{"v": int64(1), "next": m{"v": int64(2), "next": nil}}, `{"v":1,"next":{"v":2,"next":null}}`},
	} {
		s := parse(t, c.schema)
		data := encode(t, c.schema, c.value)
		got, fault := s.Plan(Everything()).Append([]byte("x"), data)
		if fault != nil || string(got) != "x"+c.want {
			t.Errorf("%s of %v: %s %v, want %s", c.schema, c.value, got, fault, c.want)
		}
		w := newReader(data)
		if !w.skip(s.Root) || w.i != len(data) {
			t.Errorf("%s of %v: skipped %d of %d bytes: %s", c.schema, c.value, w.i, len(data), w.fault)
		}
	}
}

func TestOnlyWhatIsWantedIsWritten(t *testing.T) {
	schema := `{"type":"record","name":"E","fields":[
		{"name":"op","type":"string"},
		{"name":"after","type":["null",{"type":"record","name":"V","fields":[{"name":"a","type":"long"},{"name":"b","type":{"type":"array","items":"V"}},
			{"name":"c","type":{"type":"map","values":"string"}}]}]},
		{"name":"rest","type":"V"}]}`
	inner := m{"a": int64(1), "b": []m{}, "c": m{"x": "y"}}
	data := encode(t, schema, m{"op": "u", "after": inner, "rest": m{"a": int64(2), "b": []m{inner, inner}, "c": m{}}})
	for _, c := range []struct {
		want  []string
		wrote string
	}{
		{[]string{"op", "after.a"}, `{"op":"u","after":{"a":1},"rest":null}`},
		{[]string{"after.c.x"}, `{"op":null,"after":{"c":{"x":"y"}},"rest":null}`},
		{[]string{"after", "after.a", "gone.x"}, `{"op":null,"after":{"a":1,"b":[],"c":{"x":"y"}},"rest":null}`},
		{[]string{"after.none"}, `{"op":null,"after":{},"rest":null}`},
	} {
		w := &Want{}
		for _, path := range c.want {
			w.Add(path)
		}
		got, fault := parse(t, schema).Plan(w).Append(nil, data)
		if fault != nil || string(got) != c.wrote {
			t.Errorf("%v: %s %v, want %s", c.want, got, fault, c.wrote)
		}
	}
}

func TestHostileDataAreFaults(t *testing.T) {
	nulls := `{"type":"array","items":"null"}`
	long := strings.Repeat("n", 100_000)
	for name, c := range map[string]struct {
		schema string
		data   []byte
		says   string
	}{
		"nothing":           {`"long"`, nil, "the data end"},
		"a number too long": {`"long"`, []byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 2}, "64 bits"},
		"a length too long": {`"string"`, []byte{200, 1, 'a'}, "a length of 100"},
		"a negative length": {`"bytes"`, []byte{1}, "a length of -1"},
		"a count too high":  {`{"type":"array","items":"long"}`, []byte{254, 255, 255, 255, 15, 2, 0}, "elements"},
		"no end of nulls":   {nulls, []byte{254, 255, 255, 255, 255, 255, 255, 255, 127, 0}, "more values"},
		"the least count":   {nulls, []byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0}, "elements"},
		"a block too long":  {nulls, []byte{1, 100, 0}, "a block of 50 bytes"},
		"a choice of none":  {`["null","long"]`, []byte{4}, "choice 2 of 2"},
		"a symbol of none":  {`{"type":"enum","name":"e","symbols":["A"]}`, []byte{1}, "choice -1 of 1"},
		"a bool of 2":       {`"boolean"`, []byte{2}, "a bool of 2"},
		"bytes behind it":   {`"boolean"`, []byte{1, 1}, "left over"},
		"no UTF-8":          {`"string"`, []byte{2, 255}, "UTF-8"},
		"endless nesting":   {`{"type":"record","name":"r","fields":[{"name":"r","type":["null","r"]}]}`, []byte(strings.Repeat("\x02", 5000)), "deeper"},
		"names over names":  {`{"type":"array","items":{"type":"record","name":"r","fields":[{"name":"` + long + `","type":"boolean"}]}}`, append([]byte{216, 4}, make([]byte, 301)...), "unfolds"},
		"a null for a key":  {`{"type":"array","items":{"type":"record","name":"MapEntry","connect.internal.type":"MapEntry","fields":[{"name":"key","type":["null","string"]},{"name":"value","type":"int"}]}}`, []byte{2, 0, 2, 0}, "null for a key"},
	} {
		t.Run(name, func(t *testing.T) {
			_, fault := parse(t, c.schema).Plan(Everything()).Append(nil, c.data)
			if fault == nil || !strings.Contains(fault.Reason, c.says) {
				t.Errorf("%+v, want something of %q", fault, c.says)
			}
		})
	}
}

func TestAFaultNamesItsField(t *testing.T) {
	s := parse(t, `{"type":"record","name":"a","fields":[{"name":"x","type":"long"},{"name":"y","type":{"type":"record","name":"b","fields":[{"name":"z","type":"string"}]}}]}`)
	_, fault := s.Plan(Everything()).Append(nil, []byte{2, 8})
	if fault == nil || fault.Path != "y.z" {
		t.Errorf("%+v", fault)
	}
}

func TestSchemasThatCannotBeRead(t *testing.T) {
	for _, text := range []string{"", "{}", `"nothing"`, `{"type":"record","name":"r","fields":[{"name":"x","type":"unknown.T"}]}`, `"` + strings.Repeat("x", MaxSchemaBytes) + `"`, strings.Repeat("[", 20_000)} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%.40s was taken", text)
		}
	}
}

// A type that is mentioned twice on each level stands for 2^60 fields.
func TestASchemaThatUnfoldsWithoutEndIsCut(t *testing.T) {
	text := `"long"`
	for i := range 60 {
		name := "n" + strings.Repeat("x", i)
		text = `{"type":"record","name":"` + name + `","fields":[{"name":"a","type":` + text + `},{"name":"b","type":` + reference(i) + `}]}`
	}
	s := parse(t, text)
	out := s.AppendConnect(nil)
	if !json.Valid(out) || len(out) > 10<<20 {
		t.Errorf("%d bytes", len(out))
	}
	if f := s.Root.Field("b").Field("a").Field("b"); f == nil {
		t.Error("a path through it is not found")
	}
}

func reference(i int) string {
	if i == 0 {
		return `"long"`
	}
	return `"n` + strings.Repeat("x", i-1) + `"`
}

func TestConnectNamesOfLogicalTypes(t *testing.T) {
	for logical, want := range map[string]string{
		`{"type":"int","logicalType":"date"}`:                                                              "io.debezium.time.Date",
		`{"type":"long","logicalType":"timestamp-micros"}`:                                                 "io.debezium.time.MicroTimestamp",
		`["null",{"type":"long","logicalType":"local-timestamp-millis"}]`:                                  "io.debezium.time.Timestamp",
		`{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}`:                                 "org.apache.kafka.connect.data.Decimal",
		`{"type":"long","logicalType":"timestamp-micros","connect.name":"io.debezium.time.NanoTimestamp"}`: "io.debezium.time.NanoTimestamp",
		`{"type":"string","logicalType":"uuid"}`:                                                           "io.debezium.data.Uuid",
		`["null","long",{"type":"int","logicalType":"date"}]`:                                              "",
		`"long"`: "",
	} {
		if _, got, _ := parse(t, logical).Root.Connect(); got != want {
			t.Errorf("%s is called %q, want %q", logical, got, want)
		}
	}
}

func TestIDsAreTakenOff(t *testing.T) {
	guid := append([]byte{1}, make([]byte, 16)...)
	guid[16] = 9
	for _, c := range []struct {
		b, header []byte
		id        string
		data      string
		fails     string
	}{
		{b: []byte("\x00\x00\x00\x00\x0edata"), id: "schema id 14", data: "data"},
		{b: append(guid[:17:17], "data"...), id: "schema GUID 00000000-0000-0000-0000-000000000009", data: "data"},
		{b: []byte("data"), header: guid, id: "schema GUID 00000000-0000-0000-0000-000000000009", data: "data"},
		{b: []byte("data"), header: []byte{0, 0, 0, 1, 0}, id: "schema id 256", data: "data"},
		{b: []byte("data"), header: []byte{0, 0, 0, 1, 0, 0}, fails: "6 bytes"},
		{b: []byte("\x00\x00\x00\x00\x00\x00\x00\x00\x0edata"), fails: "8 bytes"},
		{b: []byte("\x00\xff\x00\x00\x00data"), fails: "no registry gives"},
		{b: []byte("\x00\x00"), fails: "2 bytes"},
		{b: []byte("\x01\x00\x00\x00\x0e"), fails: "5 bytes"},
		{b: []byte(`{"op":"u"}`), fails: "JSON"},
		{b: []byte("\x03\x00" + strings.Repeat("g", 17)), fails: "Glue"},
		{b: nil, fails: "nothing"},
	} {
		id, data, reason := Unframe(c.b, c.header)
		switch {
		case c.fails != "" && !strings.Contains(reason, c.fails):
			t.Errorf("%q: %q, want something of %q", c.b, reason, c.fails)
		case c.fails == "" && (reason != "" || id.String() != c.id || string(data) != c.data):
			t.Errorf("%q: %s, %q, %q", c.b, id, data, reason)
		}
	}
}
