package verify

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// longestNumber bounds the digits that two numbers are compared by: those of numeric.
const longestNumber = 200_000

// sameNumber compares numbers by all their digits, however they are written.
func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, y := noNumber(a), noNumber(b)
	if x != "" || y != "" {
		return x == y
	}
	p, ok1 := exact(a)
	q, ok2 := exact(b)
	return ok1 && ok2 && p.Cmp(q) == 0
}

// noNumber names NaN and the infinities in one way, as databases and connectors write them.
func noNumber(s string) string {
	switch strings.ToUpper(s) {
	case "NAN", "NOT_A_NUMBER":
		return "NaN"
	case "INFINITY", "+INFINITY", "POSITIVE_INFINITY", "INF":
		return "Infinity"
	case "-INFINITY", "NEGATIVE_INFINITY", "-INF":
		return "-Infinity"
	}
	return ""
}

func exact(s string) (*big.Rat, bool) {
	if len(s) == 0 || len(s) > longestNumber || strings.ContainsAny(s, "/_xXpPoO") {
		return nil, false
	}
	if _, exponent, has := strings.Cut(strings.ToLower(s), "e"); has {
		n, err := strconv.Atoi(exponent)
		if err != nil || n > 20_000 || n < -20_000 {
			return nil, false
		}
	}
	return new(big.Rat).SetString(s)
}

// sameFloat compares floats as 64-bit ones, sameSingle as 32-bit ones.
func sameFloat(a, b string) bool { return floats(a, b, 64) }

func sameSingle(a, b string) bool { return floats(a, b, 32) }

func floats(a, b string, size int) bool {
	x, err1 := strconv.ParseFloat(a, size)
	y, err2 := strconv.ParseFloat(b, size)
	if err1 != nil && !math.IsInf(x, 0) || err2 != nil && !math.IsInf(y, 0) {
		return noNumber(a) != "" && noNumber(a) == noNumber(b)
	}
	return x == y || math.IsNaN(x) && math.IsNaN(y)
}

// sameBits compares bit strings, of which a connector without a schema does not know the length.
func sameBits(a, b string) bool {
	return a == b || strings.TrimLeft(a, "0") == strings.TrimLeft(b, "0") && strings.Trim(b, "01") == ""
}

// sameBytes compares base64 with whatever text connectors make of bytes.
func sameBytes(database, table string) bool {
	raw, err := base64.StdEncoding.DecodeString(database)
	if err != nil {
		return database == table
	}
	if table == database || table == base64.URLEncoding.EncodeToString(raw) || strings.EqualFold(table, hex.EncodeToString(raw)) {
		return true
	}
	unpadded := strings.TrimRight(table, "=")
	return table != unpadded && unpadded == base64.RawStdEncoding.EncodeToString(raw)
}

// sameClock compares dates, times or instants, also those that are written as a number of
// days, or of milli-, micro- or nanoseconds.
func sameClock(kind tables.Kind) func(a, b string) bool {
	read := func(s string) (int64, bool) {
		v, err := tables.ParseText(tables.Type{Kind: kind}, strings.TrimSuffix(s, "Z"))
		if err != nil {
			return 0, false
		}
		return v.Int(), true
	}
	return func(a, b string) bool {
		x, ok := read(a)
		if !ok {
			return a == b
		}
		if y, ok := read(b); ok {
			return x == y
		}
		n, err := strconv.ParseInt(b, 10, 64)
		if err != nil {
			return false
		}
		if kind == tables.Date {
			return n == x
		}
		return n == x || n == floorDiv(x, 1000) || n == x*1000
	}
}

// sameZoned compares times of day with an offset: connectors write them in UTC.
func sameZoned(a, b string) bool {
	x, err1 := tables.ParseTime(a)
	y, err2 := tables.ParseTime(b)
	return err1 == nil && err2 == nil && x == y || a == b
}

// sameDuration compares MySQL's times, which may be negative and above a day, with a
// number of micro-, milli- or nanoseconds, or with a text.
func sameDuration(a, b string) bool {
	x, ok := duration(a)
	if !ok {
		return a == b
	}
	if y, ok := duration(b); ok {
		return x == y
	}
	n, err := strconv.ParseInt(b, 10, 64)
	return err == nil && (n == x || n == x/1000 || n == x*1000)
}

// duration reads [-]h:mm:ss[.ffffff] as microseconds.
func duration(s string) (int64, bool) {
	body, negative := strings.CutPrefix(s, "-")
	parts := strings.Split(strings.TrimSuffix(body, "Z"), ":")
	if len(parts) != 3 {
		return 0, false
	}
	h, err1 := strconv.ParseInt(parts[0], 10, 32)
	m, err2 := strconv.ParseInt(parts[1], 10, 32)
	sec, ok := exact(parts[2])
	if err1 != nil || err2 != nil || !ok {
		return 0, false
	}
	micros, _ := sec.Mul(sec, big.NewRat(1e6, 1)).Float64()
	out := (h*3600+m*60)*1e6 + int64(micros)
	if negative {
		out = -out
	}
	return out, true
}

// bitsForm makes a form whose text is bits into one whose value is their number, or their
// bytes, the lowest first, as connectors write them.
func bitsForm(sql string) form {
	return form{sql: sql, read: func(t tables.Type, text string) (tables.Value, error) {
		n, ok := new(big.Int).SetString("0"+text, 2)
		if !ok {
			return tables.ParseText(t, text)
		}
		if t.Kind != tables.Bytes {
			return tables.ParseText(t, n.String())
		}
		raw := make([]byte, (len(text)+7)/8)
		n.FillBytes(raw)
		for i, j := 0, len(raw)-1; i < j; i, j = i+1, j-1 {
			raw[i], raw[j] = raw[j], raw[i]
		}
		return tables.BytesValue(string(raw)), nil
	}}
}
