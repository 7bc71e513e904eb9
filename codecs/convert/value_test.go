package convert

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// Each line: type, encoding or -, the JSON of the value, and what it becomes; !
// where the type cannot hold it, null for null.
const conversions = `
string | - | "a\u00e9\ud83d\ude00\n" | a\u00e9\U0001f600\n
string | - | "" | ""
string | - | 1.50 | 1.50
string | - | true | true
string | - | {"a": [1]} | {"a": [1]}
string | - | null | null
string | - | "\ud800" | !
string | - | "\udc00x" | !
string | - | "\ud800\u0041" | !
bool | - | true | true
bool | - | false | false
bool | - | 1 | true
bool | - | 0 | false
bool | - | "t" | true
bool | - | "false" | false
bool | - | 2 | !
bool | - | "yes" | !
bool | - | [true] | !
bool | bits_le | true | true
bool | bits_le | "AQ==" | true
bool | bits_le | "" | false
bool | bits_le | "Ag==" | !
int64 | - | -9223372036854775808 | -9223372036854775808
int64 | - | 9223372036854775807 | 9223372036854775807
int64 | - | 9223372036854775808 | !
int64 | - | "42" | 42
int64 | - | "+42" | 42
int64 | - | 4.2e1 | 42
int64 | - | -9.223372036854775808e18 | -9223372036854775808
int64 | - | 1.5 | !
int64 | - | "" | !
int64 | - | " 42" | !
int64 | - | "0x1F" | !
int64 | - | "1_000" | !
int64 | - | true | !
int64 | - | {"scale":0,"value":"Kg=="} | !
int64 | decimal_base64 | "SZYC0g==" | 1234567890
int64 | decimal_base64 | {"scale":1,"value":"ZA=="} | 10
int64 | decimal_base64 | {"scale":1,"value":"ZQ=="} | !
int64 | bits_le | "AAE=" | 256
int64 | bits_le | "" | 0
int64 | bits_le | "//////////8=" | !
int64 | bits_le | "/////////38=" | 9223372036854775807
int64 | uint64_wrapped | 7 | 7
int64 | uint64_wrapped | -1 | !
int64 | epoch_us | 1709210096789012 | 1709210096789012
int64 | time_ms | "-5" | -5
int64 | duration_us | 37091106789012 | 37091106789012
float64 | - | 1.5 | 1.5
float64 | - | "1.5" | 1.5
float64 | - | 1e400 | !
float64 | - | "NaN" | NaN
float64 | - | "Infinity" | Infinity
float64 | - | "-Infinity" | -Infinity
float64 | decimal_string | "POSITIVE_INFINITY" | Infinity
float64 | decimal_string | "NEGATIVE_INFINITY" | -Infinity
float64 | decimal_string | "NAN" | NaN
float64 | - | -0.0 | -0
float64 | - | 1.4E-45 | 1.4e-45
float64 | - | "1234" | !
float64 | decimal_string | "1234" | 1234
float64 | - | "0x1p4" | !
float64 | - | "1_0" | !
float64 | - | {} | !
float64 | decimal_base64 | {"scale":2,"value":"/h3t"} | -1234.11
float64 | decimal_base64 | "/h3t" | !
float64 | uint64_wrapped | -1 | 18446744073709552000
decimal(12,2) | decimal_base64 | "bg==" | 1.10
decimal(12,2) | decimal_base64 | "/h3t" | -1234.11
decimal(12,0) | decimal_base64 | "AIA=" | 128
decimal(12,2) | decimal_base64 | "AA==" | 0.00
decimal(12,2) | decimal_base64 | {"scale":5,"value":"AYag"} | 1.00
decimal(12,2) | decimal_base64 | {"scale":-2,"value":"BQ=="} | 500.00
decimal(12,2) | decimal_base64 | {"value":"BQ==","scale":"1"} | !
decimal(12,2) | decimal_base64 | {"scale":1} | !
decimal(12,2) | decimal_base64 | {"scale":99999999,"value":"BQ=="} | !
decimal(12,2) | decimal_base64 | {"scale":5,"value":"BMsv"} | !
decimal(12,2) | decimal_base64 | "" | !
decimal(12,2) | decimal_base64 | "bg" | !
decimal(12,2) | decimal_base64 | "b$==" | !
decimal(12,2) | decimal_base64 | 5 | 5.00
decimal(12,2) | decimal_base64 | -1.1E1 | -11.00
decimal(12,2) | decimal_base64 | 0.001 | !
string | decimal_base64 | 12345678901234567890123456789012345678901234567890.10 | 12345678901234567890123456789012345678901234567890.10
string | decimal_base64 | 1E+3 | 1000
string | decimal_base64 | 1e999999999 | !
timestamp | epoch_s | 1700000000 | 2023-11-14T22:13:20.000000Z
timestamp | epoch_s | -1.5 | 1969-12-31T23:59:58.500000Z
timestamp | epoch_s | "12" | 1970-01-01T00:00:12.000000Z
timestamp | epoch_s | 99999999999999 | !
date | epoch_s | 86400 | 1970-01-02
date | epoch_s | 86401 | !
int64 | epoch_s | 7 | 7
string | epoch_s | 7 | 1970-01-01T00:00:07.000000Z
decimal(12,2) | decimal_base64 | "f/////////////////////////////////////////8=" | !
decimal(38,0) | decimal_base64 | "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAF" | 5
decimal(38,0) | decimal_base64 | "///////////////////////////////7" | -5
decimal(38,0) | decimal_base64 | "SztMqFqGxHoJiiJAAAAAAA==" | !
decimal(38,0) | decimal_base64 | "SztMqFqGxHoJiiI//////w==" | 99999999999999999999999999999999999999
decimal(38,0) | decimal_base64 | "tMSzV6V5O4X2dd3AAAAAAQ==" | -99999999999999999999999999999999999999
decimal(12,2) | decimal_string | "1.50" | 1.50
decimal(12,2) | decimal_string | "100" | 100.00
decimal(12,2) | decimal_string | "1234" | 1234.00
decimal(12,2) | decimal_string | "1.505" | !
decimal(12,2) | decimal_string | "NAN" | !
decimal(12,2) | decimal_string | 1.5 | 1.50
decimal(12,2) | - | 1.5 | 1.50
decimal(12,2) | - | -0 | 0.00
decimal(12,2) | - | "1.50" | 1.50
decimal(12,2) | - | "-123" | -123.00
decimal(12,2) | - | "1234" | !
decimal(12,2) | - | "bg==" | !
decimal(12,2) | - | {"scale":5,"value":"AYag"} | !
decimal(12,2) | - | 1.505 | !
decimal(12,2) | - | 10000000000 | !
decimal(12,2) | - | true | !
decimal(20,0) | uint64_wrapped | -1 | 18446744073709551615
decimal(20,0) | uint64_wrapped | 18446744073709551615 | 18446744073709551615
decimal(20,0) | uint64_wrapped | "7" | 7
decimal(20,0) | uint64_wrapped | 1.5 | !
decimal(38,0) | bits_le | "//////////8/" | 1180591620717411303423
json | - | {"b": 1,  "a": [1, 2.50, null], "b": 2} | {"b": 1,  "a": [1, 2.50, null], "b": 2}
json | - | "text" | "text"
json | - | 12345678901234567890.1230 | 12345678901234567890.1230
json | json_string | "{\"a\": 12345678901234567890.1230}" | {"a": 12345678901234567890.1230}
json | json_string | "null" | null
json | json_string | "\"a\"" | "a"
json | json_string | "nope" | !
json | json_string | "" | !
json | json_string | "[1] 2" | !
json | json_string | {"map": "mode"} | {"map": "mode"}
bytes | - | "AP8Q" | AP8Q
bytes | - | "" | ""
bytes | - | "AP8" | AP8=
bytes | - | "-_8=" | +/8=
bytes | - | "A$==" | !
bytes | - | 7 | !
bytes | bytes_base64 | "AP8Q" | AP8Q
bytes | bytes_hex | "00ff10" | AP8Q
bytes | bytes_hex | "00FF10" | AP8Q
bytes | bytes_hex | "0" | !
bytes | bytes_hex | "zz" | !
bytes | bits_le | "qg==" | qg==
string | bytes_hex | "68c3a9" | h\u00e9
string | bytes_hex | "ff" | !
string | bytes_base64 | "aMOp" | h\u00e9
string | bytes_base64 | "/w==" | !
uuid | - | "A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11" | a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11
uuid | - | "a0eebc999c0b4ef8bb6d6bb9bd380a11" | !
uuid | - | 5 | !
uuid | bytes_hex | "a0eebc999c0b4ef8bb6d6bb9bd380a11" | a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11
uuid | bytes_base64 | "AP8Q" | !
date | epoch_days | 19782 | 2024-02-29
date | epoch_days | "19782" | 2024-02-29
date | epoch_days | -719162 | 0001-01-01
date | epoch_days | -719163 | 0000-12-31
date | epoch_days | -735160 | -0043-03-15
date | epoch_days | 2932897 | +10000-01-01
date | epoch_days | 2146033979 | infinity
date | epoch_days | -2147472691 | -infinity
date | epoch_days | -622191234 | infinity
date | epoch_days | -625821272 | -infinity
date | epoch_days | 99999999999 | !
date | epoch_days | 1.5 | !
date | epoch_ms | 1709164800000 | 2024-02-29
date | epoch_ms | 1709164800001 | !
date | epoch_us | 9223372036854775807 | infinity
date | epoch_us | -9223372036854775808 | -infinity
date | epoch_ms | "x" | !
date | - | "-infinity" | -infinity
bool | bits_le | 5 | !
date | - | 19782 | !
date | - | "2024-02-29" | 2024-02-29
date | - | "2024-02-29Z" | 2024-02-29
date | - | "2023-02-29" | !
date | - | "2024-02-29T00:00:00Z" | 2024-02-29
date | - | "2024-02-29T00:00:01Z" | !
date | - | "infinity" | infinity
time | time_us | 45296789012 | 12:34:56.789012
time | time_us | 86400000000 | 24:00:00.000000
time | time_us | 86400000001 | !
time | time_us | -1 | !
time | time_ms | 45296789 | 12:34:56.789000
time | time_ms | 9223372036854775807 | !
time | time_ms | -5 | !
time | time_ns | 45296789012345 | 12:34:56.789012
time | time_ns | -1 | !
time | - | "12:34:56.789012Z" | 12:34:56.789012
time | - | "10:04:56.789012+02:30" | 07:34:56.789012
time | - | "24:00:00" | 24:00:00.000000
time | - | "24:00:01" | !
time | - | 45296789012 | !
time | duration_us | 3600000000 | 01:00:00.000000
timestamp | epoch_us | 1709210096789012 | 2024-02-29T12:34:56.789012Z
timestamp | epoch_us | "1709210096789012" | 2024-02-29T12:34:56.789012Z
timestamp | epoch_us | -1 | 1969-12-31T23:59:59.999999Z
timestamp | epoch_us | 9223372036854775807 | infinity
timestamp | epoch_us | -9223372036854775808 | -infinity
timestamp | epoch_us | 9223372036825200000 | infinity
timestamp | epoch_us | -9223372036832400000 | -infinity
timestamp | epoch_us | -63517780799500000 | -0043-03-15T12:00:00.500000Z
timestamp | epoch_us | 253402300800000000 | +10000-01-01T00:00:00.000000Z
timestamp | epoch_ms | 1709210096789 | 2024-02-29T12:34:56.789000Z
timestamp | epoch_ms | 9223372036825200000 | infinity
timestamp | epoch_ms | -9223372036832400000 | -infinity
timestamp | epoch_ms | 9223372036825199999 | !
timestamp | epoch_ns | 1709210096789012345 | 2024-02-29T12:34:56.789012Z
timestamp | epoch_ns | -1 | 1969-12-31T23:59:59.999999Z
timestamp | epoch_ns | 9223372036854775807 | infinity
timestamp | epoch_days | 19782 | 2024-02-29T00:00:00.000000Z
timestamp | epoch_days | 999999999 | !
timestamp | - | "2024-02-29T07:04:56.789012Z" | 2024-02-29T07:04:56.789012Z
timestamp | iso_timestamp | "2024-02-29T07:04:56+02:30" | 2024-02-29T04:34:56.000000Z
timestamp | iso_timestamp | "2024-02-29 07:04:56.5" | 2024-02-29T07:04:56.500000Z
timestamp | - | "-0043-03-15T12:00:00.000000Z" | -0043-03-15T12:00:00.000000Z
timestamp | - | "infinity" | infinity
timestamp | - | "-infinity" | -infinity
timestamp | - | "+292278994-08-16T23:00:00Z" | infinity
timestamp | - | "+292278993-08-16T23:00:00Z" | !
timestamp | - | "2024-02-30T00:00:00Z" | !
timestamp | - | 1709210096789012 | !
timestamp | - | "yesterday" | !
string | epoch_us | 1709210096789012 | 2024-02-29T12:34:56.789012Z
string | epoch_days | 19782 | 2024-02-29
string | time_ms | 1000 | 00:00:01.000000
string | decimal_base64 | {"scale":5,"value":"BMsv"} | 3.14159
string | decimal_base64 | {"scale":20,"value":"/w=="} | -0.00000000000000000001
string | decimal_base64 | {"scale":-3,"value":"/w=="} | -1000
string | decimal_base64 | {"scale":0,"value":"A59rl5QTsoajb3BPS+v5oikDwMQ="} | 20682163393098009012846498123685822716346351812
string | uint64_wrapped | -2 | 18446744073709551614
string | duration_us | 37091106789012 | PT10303H5M6.789012S
string | duration_us | -1500000 | -PT1.5S
string | duration_us | 0 | PT0S
string | duration_us | -9223372036854775808 | -PT2562047788H54.775808S
string | bits_le | "qg==" | 10101010
string | bits_le | "" | ""
string | json_string | "{}" | {}
`

func TestConversions(t *testing.T) {
	unescape := strings.NewReplacer(`\u00e9`, "é", `\U0001f600`, "😀", `\n`, "\n", `""`, ``)
	for line := range strings.SplitSeq(strings.TrimSpace(conversions), "\n") {
		f := strings.Split(line, " | ")
		raw, want := f[2], f[3]
		if f[0] != "json" {
			want = unescape.Replace(want)
		}
		t.Run(f[0]+" "+f[1]+" "+raw, func(t *testing.T) {
			enc := f[1]
			if enc == "-" {
				enc = ""
			}
			c := codectest.Column(t, "c", f[0], enc)
			if err := CheckEncoding(c.Type, c.Encoding); err != nil {
				t.Fatal(err)
			}
			v, reason := Value(c.Type, Declared(&c), []byte(raw))
			got := string(tables.AppendText(nil, c.Type, v))
			switch {
			case reason != "":
				got = "!"
			case v.IsNull():
				got = "null"
			}
			if got != want {
				t.Errorf("got %q (%s), want %q", got, reason, want)
			}
			if v.Kind() != tables.Null && v.Kind() != c.Type.Kind {
				t.Errorf("a %s for a column of type %s", v.Kind(), c.Type)
			}
		})
	}
}

// A number of a megabyte is refused at once, not written out for minutes.
func TestHugeNumbersAreRefused(t *testing.T) {
	raw := []byte(`"` + strings.Repeat("////", 1<<18) + `"`)
	for _, c := range [][2]string{
		{"int64", "bits_le"}, {"decimal(38,0)", "bits_le"}, {"decimal(38,0)", "decimal_base64"}, {"int64", "decimal_base64"}, {"bool", "bits_le"},
	} {
		col := codectest.Column(t, "c", c[0], c[1])
		if v, reason := Value(col.Type, Declared(&col), raw); reason == "" || len(reason) > 200 {
			t.Errorf("%v: %v %.300s", c, v, reason)
		}
	}
	wide := []byte(`{"scale":0,"value":` + string(raw) + `}`)
	if _, reason := Value(tables.Type{Kind: tables.String}, Meaning{kind: decimalBytes}, wide); reason == "" {
		t.Error("it is written out")
	}
}
