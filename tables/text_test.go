package tables

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// The JSON of a value is what encoding/json writes for its Go value.
func TestJSONIsThatOfEncodingJSON(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for range 20_000 {
		i := int64(rng.Uint64()) >> rng.IntN(64)
		f := math.Float64frombits(rng.Uint64())
		if f != f || math.IsInf(f, 0) {
			f = float64(i) / 1000
		}
		raw := make([]byte, rng.IntN(20))
		for j := range raw {
			raw[j] = byte(rng.IntN(256))
		}
		for _, c := range []struct {
			typ  Type
			v    Value
			like any
		}{
			{Type{Kind: Int64}, Int64Value(i), i}, {Type{Kind: Float64}, Float64Value(f), f}, {Type{Kind: Bool}, BoolValue(i%2 == 0), i%2 == 0},
			{Type{Kind: Bytes}, BytesValue(string(raw)), raw}, {Type{Kind: Int64}, Value{}, nil}, {Type{Kind: String}, UnavailableValue(), nil},
		} {
			want, err := json.Marshal(c.like)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(AppendJSON(nil, c.typ, c.v, false)); got != string(want) {
				t.Fatalf("%v is written %s, want %s", c.like, got, want)
			}
		}
		checkString(t, string(raw))
	}
}

// checkString compares strings by what they are read as: which characters are
// escaped is a matter of taste.
func checkString(t *testing.T, s string) {
	t.Helper()
	got := AppendJSONString(nil, s)
	var back string
	if err := json.Unmarshal(got, &back); err != nil || !utf8.Valid(got) {
		t.Fatalf("%q is written %s: %v", s, got, err)
	}
	want, _ := json.Marshal(s)
	var text string
	_ = json.Unmarshal(want, &text)
	if back != text {
		t.Fatalf("%q is read back as %q, want %q", s, back, text)
	}
}

func TestJSONForms(t *testing.T) {
	for _, c := range []struct {
		typ    string
		text   string
		want   string
		quoted string
	}{
		{"string", "a\"\\\n\t\r\x01é\u2028</script>", "\"a\\\"\\\\\\n\\t\\r\\u0001é\u2028</script>\"", ""},
		{"bool", "true", "true", ""},
		{"int64", "9223372036854775807", "9223372036854775807", `"9223372036854775807"`},
		{"float64", "1e21", "1e+21", ""},
		{"float64", "0.0000001", "1e-7", ""},
		{"float64", "NaN", `"NaN"`, ""},
		{"float64", "-inf", `"-Infinity"`, ""},
		{"decimal(12,2)", "10.5", "10.50", `"10.50"`},
		{"decimal(38,0)", "-5", "-5", `"-5"`},
		{"json", `{"a": 1.10}`, `{"a": 1.10}`, ""},
		{"bytes", "AP8=", `"AP8="`, ""},
		{"uuid", "A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11", `"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`, ""},
		{"date", "2026-11-22", `"2026-11-22"`, ""},
		{"time", "10:15:00.123456", `"10:15:00.123456"`, ""},
		{"timestamp", "2026-11-22 10:15:00.123456+00", `"2026-11-22T10:15:00.123456Z"`, ""},
		{"timestamp", "infinity", `"infinity"`, ""},
	} {
		typ, err := ParseType(c.typ)
		if err != nil {
			t.Fatal(err)
		}
		v, err := ParseText(typ, c.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(AppendJSON(nil, typ, v, false)); got != c.want {
			t.Errorf("%s %s is written %s, want %s", c.typ, c.text, got, c.want)
		}
		want := c.quoted
		if want == "" {
			want = c.want
		}
		if got := string(AppendJSON(nil, typ, v, true)); got != want {
			t.Errorf("%s %s with quoted numbers is written %s, want %s", c.typ, c.text, got, want)
		}
	}
}

func TestTextComesBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	for range 20_000 {
		for _, typ := range keyTypes() {
			v := randomValue(rng, typ)
			switch {
			case v.IsNull() || typ.Kind == JSON:
				continue
			case typ.Kind == Date:
				v = DateValue(v.Int() % DateInfinity)
			case typ.Kind == Time:
				v = TimeValue(((v.Int() % usPerDay) + usPerDay) % usPerDay)
			case typ.Kind == Timestamp:
				v = TimestampValue(v.Int() / 1000)
			case typ.Kind == DecimalKind && !v.Decimal().Fits(38):
				continue
			}
			text := string(AppendText(nil, typ, v))
			got, err := ParseText(typ, text)
			if err != nil || Compare(got, v) != 0 || got.Kind() != v.Kind() {
				t.Fatalf("%s %s is read as %v: %v", typ, text, got, err)
			}
		}
	}
}

func TestParseTextRefuses(t *testing.T) {
	for typ, texts := range map[string][]string{
		"bool": {"", "yes", "TRUE", "2"}, "int64": {"", "1.5", "9223372036854775808", "0x1", " 1", "1_000"}, "float64": {"", "one", "0x1p4", "1_0", "1e999"},
		"decimal(5,2)": {"", "1.005", "1000", "NaN"}, "json": {"", "{", "nope"}, "bytes": {"A", "A$=="}, "uuid": {"", "a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1z"},
		"date": {"", "today"}, "time": {"", "noon"}, "timestamp": {"", "now"},
	} {
		ty, err := ParseType(typ)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range texts {
			if v, err := ParseText(ty, s); err == nil {
				t.Errorf("%s %q is read as %v", typ, s, v)
			}
		}
	}
}

func TestErrorsClipWhatTheyShow(t *testing.T) {
	_, err := ParseText(Type{Kind: Int64}, strings.Repeat("x", 10_000))
	if err == nil || len(err.Error()) > 100 {
		t.Errorf("%v", err)
	}
}

func FuzzParseText(f *testing.F) {
	for i, s := range []string{"true", "42", "1e-7", "10.50", "text", `{"a":1}`, "AP8=", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "2026-11-22", "10:15", "infinity"} {
		f.Add(uint8(i), s)
	}
	types := keyTypes()
	f.Fuzz(func(t *testing.T, which uint8, s string) {
		typ := types[int(which)%len(types)]
		v, err := ParseText(typ, s)
		if err != nil {
			return
		}
		if v.Kind() != typ.Kind {
			t.Fatalf("%q as %s is a %s", s, typ, v.Kind())
		}
		if js := AppendJSON(nil, typ, v, true); !json.Valid(js) {
			t.Fatalf("%q as %s is written %s", s, typ, js)
		}
		text := string(AppendText(nil, typ, v))
		if again, err := ParseText(typ, text); err != nil || Compare(again, v) != 0 {
			t.Fatalf("%q as %s is written %q and read as %v: %v", s, typ, text, again, err)
		}
	})
}
