package tables

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestTimestampsAreWrittenAndReadAsByPackageTime(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	low := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	high := time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC).UnixMicro()
	for range 20_000 {
		us := low + rng.Int64N(high-low+1)
		want := time.UnixMicro(us).UTC().Format("2006-01-02T15:04:05.000000Z")
		if got := string(AppendTimestamp(nil, us)); got != want {
			t.Fatalf("%d is written %s, want %s", us, got, want)
		}
		if got, err := ParseTimestamp(want); err != nil || got != us {
			t.Fatalf("%s is read as %d, want %d: %v", want, got, us, err)
		}
		days := floorDiv(us, usPerDay)
		if got := string(AppendDate(nil, days)); got != want[:10] {
			t.Fatalf("day %d is written %s, want %s", days, got, want[:10])
		}
		if got, err := ParseDate(want[:10]); err != nil || got != days {
			t.Fatalf("%s is read as %d: %v", want[:10], got, err)
		}
		if got := string(AppendTime(nil, us-days*usPerDay)); got != want[11:26] {
			t.Fatalf("time of %s is written %s", want, got)
		}
	}
}

func TestTimestampsOfEveryYearComeBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		us := int64(rng.Uint64()) / 1000 * 999
		text := string(AppendTimestamp(nil, us))
		if got, err := ParseTimestamp(text); err != nil || got != us {
			t.Fatalf("%d is written %s and read as %d: %v", us, text, got, err)
		}
		days := rng.Int64N(2*DateInfinity-1) - DateInfinity + 1
		text = string(AppendDate(nil, days))
		if got, err := ParseDate(text); err != nil || got != days {
			t.Fatalf("day %d is written %s and read as %d: %v", days, text, got, err)
		}
	}
}

func TestParseTimestamp(t *testing.T) {
	for text, want := range map[string]string{
		"2024-02-29":                          "2024-02-29T00:00:00.000000Z",
		"2024-02-29Z":                         "2024-02-29T00:00:00.000000Z",
		"2024-02-29T12:34":                    "2024-02-29T12:34:00.000000Z",
		"2024-02-29 12:34:56":                 "2024-02-29T12:34:56.000000Z",
		"2024-02-29T12:34:56.7Z":              "2024-02-29T12:34:56.700000Z",
		"2024-02-29T12:34:56.7890129z":        "2024-02-29T12:34:56.789012Z",
		"2024-02-29 07:04:56.789012+00":       "2024-02-29T07:04:56.789012Z",
		"2024-02-29T12:34:56+02:30":           "2024-02-29T10:04:56.000000Z",
		"2024-02-29T00:04:56-0130":            "2024-02-29T01:34:56.000000Z",
		"2024-02-29 12:34:56 +01":             "2024-02-29T11:34:56.000000Z",
		"1900-01-01 00:00:00+00:19:32":        "1899-12-31T23:40:28.000000Z",
		"2024-02-29T24:00:00":                 "2024-03-01T00:00:00.000000Z",
		"2016-12-31T23:59:60Z":                "2017-01-01T00:00:00.000000Z",
		"0044-03-15 12:00:00 BC":              "-0043-03-15T12:00:00.000000Z",
		"0001-01-01 00:00:00 BC":              "0000-01-01T00:00:00.000000Z",
		"-0043-03-15T12:00:00Z":               "-0043-03-15T12:00:00.000000Z",
		"+10000-01-01T00:00:00Z":              "+10000-01-01T00:00:00.000000Z",
		"10000-01-01 00:00:00":                "+10000-01-01T00:00:00.000000Z",
		"infinity":                            "infinity",
		"-infinity":                           "-infinity",
		"294246-12-31T23:59:59.999999+24:00":  "+294246-12-30T23:59:59.999999Z",
		"-290307-01-01T00:00:00.000000-24:00": "-290307-01-02T00:00:00.000000Z",
	} {
		us, err := ParseTimestamp(text)
		if got := string(AppendTimestamp(nil, us)); err != nil || got != want {
			t.Errorf("%s is read as %s, want %s: %v", text, got, want, err)
		}
	}
	for _, text := range []string{
		"", "yesterday", "2024", "2024-2-9", "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "24-01-01", "2024-01-01T",
		"2024-01-01T1:00", "2024-01-01T25:00", "2024-01-01T24:00:01", "2024-01-01T12:60", "2024-01-01T12:34:61", "2024-01-01T12:34:56.", "2024-01-01T12:34:56+1",
		"2024-01-01T12:34:56+01:60", "2024-01-01T12:34:56+25:00", "2024-01-01T12:34:56 x", "2024-01-01x", "-+2024-01-01", "+-2024-01-01", "--2024-01-01",
		"300000-01-01", "-300000-01-01", "9999999999-01-01", "2024-01-01T12:34:56Zz", "2024-01-01T12:34,5", "Infinity",
	} {
		if us, err := ParseTimestamp(text); err == nil {
			t.Errorf("%q is read as %s", text, AppendTimestamp(nil, us))
		}
	}
}

func TestParseDate(t *testing.T) {
	for text, want := range map[string]string{
		"2024-02-29": "2024-02-29", "2024-02-29Z": "2024-02-29", "0044-03-15 BC": "-0043-03-15", "-0043-03-15": "-0043-03-15",
		"+12024-01-01": "+12024-01-01", "infinity": "infinity", "-infinity": "-infinity", "5874897-12-31": "+5874897-12-31",
	} {
		d, err := ParseDate(text)
		if got := string(AppendDate(nil, d)); err != nil || got != want {
			t.Errorf("%s is read as %s: %v", text, got, err)
		}
	}
	for _, text := range []string{"", "2024-02-30", "2024-02-29T00:00:00", "9000000-01-01", "-9000000-01-01", "20240229", "2024/02/29"} {
		if d, err := ParseDate(text); err == nil {
			t.Errorf("%q is read as %s", text, AppendDate(nil, d))
		}
	}
}

func TestParseTime(t *testing.T) {
	for text, want := range map[string]string{
		"10:15": "10:15:00.000000", "10:15:00.123456": "10:15:00.123456", "24:00:00": "24:00:00.000000", "24:00:00Z": "24:00:00.000000",
		"10:04:56.789012Z": "10:04:56.789012", "00:30:00+01:00": "23:30:00.000000", "23:30:00-01": "00:30:00.000000", "12:00:00.5+00": "12:00:00.500000",
	} {
		us, err := ParseTime(text)
		if got := string(AppendTime(nil, us)); err != nil || got != want {
			t.Errorf("%s is read as %s: %v", text, got, err)
		}
	}
	for _, text := range []string{"", "10", "10:5", "24:00:01", "25:00:00", "10:60:00", "-10:00:00", "10:00:00.", "10:00:00x", "10:00:00+1"} {
		if us, err := ParseTime(text); err == nil {
			t.Errorf("%q is read as %s", text, AppendTime(nil, us))
		}
	}
}

func FuzzParseTimestamp(f *testing.F) {
	for _, s := range []string{
		"2024-02-29T12:34:56.789012Z", "0044-03-15 12:00:00 BC", "+294246-01-10T04:00:54.775807Z", "-290307-12-21T19:59:05.224192Z", "infinity",
		"1900-01-01 00:00:00+00:19:32", "2024-02-29", "10:15:00.5+02:30", "24:00:00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if us, err := ParseTimestamp(s); err == nil {
			text := string(AppendTimestamp(nil, us))
			if again, err := ParseTimestamp(text); err != nil || again != us {
				t.Fatalf("%q: %d, written %s, read as %d: %v", s, us, text, again, err)
			}
		}
		if days, err := ParseDate(s); err == nil {
			text := string(AppendDate(nil, days))
			if again, err := ParseDate(text); err != nil || again != days {
				t.Fatalf("%q: day %d, written %s, read as %d: %v", s, days, text, again, err)
			}
		}
		if us, err := ParseTime(s); err == nil {
			if us < 0 || us > usPerDay {
				t.Fatalf("%q is %d", s, us)
			}
			text := string(AppendTime(nil, us))
			if again, err := ParseTime(text); err != nil || again != us {
				t.Fatalf("%q: %d, written %s, read as %d: %v", s, us, text, again, err)
			}
		}
	})
}

func TestExtremesAreWritten(t *testing.T) {
	for us, want := range map[int64]string{
		math.MaxInt64 - 1: "+294247-01-10T04:00:54.775806Z", math.MinInt64 + 1: "-290308-12-21T19:59:05.224193Z", 0: "1970-01-01T00:00:00.000000Z", -1: "1969-12-31T23:59:59.999999Z",
	} {
		if got := string(AppendTimestamp(nil, us)); got != want {
			t.Errorf("%d is written %s, want %s", us, got, want)
		}
	}
}
