package convert

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// A number is an unscaled integer and the count of its digits after the point, or
// a word such as NaN.
type number struct {
	small tables.Decimal
	big   *big.Int // instead of small, beyond 128 bits
	scale int
	word  string
}

// text writes n exactly.
func (n *number) text() string {
	if n.word != "" {
		return n.word
	}
	b := n.big
	if b == nil {
		b = n.small.Big()
	}
	digits := b.String()
	if n.scale == 0 {
		return digits
	}
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	if n.scale < 0 {
		return sign + digits + strings.Repeat("0", -n.scale)
	}
	if len(digits) <= n.scale {
		digits = strings.Repeat("0", n.scale+1-len(digits)) + digits
	}
	return sign + digits[:len(digits)-n.scale] + "." + digits[len(digits)-n.scale:]
}

// Bounds on what a schema or an event may say: PostgreSQL's numeric has at most
// 131072 digits before the point and 16383 after it, and bits are counted, not read
// as a number, beyond what a decimal holds. To write out a larger number takes minutes.
const (
	maxScale         = 20_000
	maxUnscaledBytes = 64 << 10
	maxDigits        = 150_000
	maxNumberBits    = 127
)

// readNumber reads what a source wrote as base64, as {scale,value}, as bits, or
// as an unsigned integer that came out negative.
func readNumber(m Meaning, raw []byte) (number, string) {
	switch m.kind {
	case decimalBytes:
		if raw[0] == '{' {
			return variableScale(raw)
		}
		if jsontext.IsNumber(raw) { // decimal.format=NUMERIC
			return digits(raw)
		}
		if m.scale == unknownScale {
			return number{}, jsontext.Mismatch("a decimal whose scale is known", raw)
		}
		return unscaled(raw, m.scale)
	case bitsLE:
		b, reason := bitsNumber(raw)
		if reason == "" && b.BitLen() > maxNumberBits {
			reason = jsontext.Mismatch(fmt.Sprintf("at most %d bits", maxNumberBits), raw)
		}
		return number{big: b}, reason
	}
	text, ok := jsontext.Scalar(raw)
	i, err := strconv.ParseInt(jsontext.Alias(text), 10, 64)
	if !ok || err != nil {
		u, err := strconv.ParseUint(jsontext.Alias(text), 10, 64)
		if !ok || err != nil {
			return number{}, jsontext.Mismatch("an unsigned 64-bit integer", raw)
		}
		return number{small: tables.Decimal{Lo: u}}, ""
	}
	return number{small: tables.Decimal{Lo: uint64(i)}}, ""
}

// digits reads a JSON number by its digits.
func digits(raw []byte) (number, string) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(string(raw)), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	power := 0
	if exponent != "" {
		var err error
		if power, err = strconv.Atoi(exponent); err != nil || power > maxScale || power < -maxScale {
			return number{}, jsontext.Mismatch("a decimal of fewer digits", raw)
		}
	}
	n, ok := new(big.Int).SetString(whole+fraction, 10)
	if len(mantissa) > maxDigits || !ok {
		return number{}, jsontext.Mismatch("a decimal of fewer digits", raw)
	}
	scale := len(fraction) - power
	if scale < 0 {
		n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-scale)), nil))
		scale = 0
	}
	return number{big: n, scale: scale}, ""
}

// unscaled reads the base64 of a big-endian two's complement integer.
func unscaled(raw []byte, scale int) (number, string) {
	text, reason := jsontext.StringText("a decimal as base64", raw)
	if reason != "" {
		return number{}, reason
	}
	var buf [24]byte
	dst := buf[:]
	if n := base64.StdEncoding.DecodedLen(len(text)); n > len(dst) {
		dst = make([]byte, n)
	}
	n, err := base64.StdEncoding.Decode(dst, text)
	if err != nil || n == 0 || n > maxUnscaledBytes {
		return number{}, jsontext.Mismatch("a decimal as base64", raw)
	}
	if b := dst[:n]; n > 16 {
		return number{big: bigFromBytes(b), scale: scale}, ""
	}
	d := tables.Decimal{Hi: int64(int8(dst[0])) >> 7}
	d.Lo = uint64(d.Hi)
	for _, c := range dst[:n] {
		d.Hi, d.Lo = d.Hi<<8|int64(d.Lo>>56), d.Lo<<8|uint64(c)
	}
	return number{small: d, scale: scale}, ""
}

func bigFromBytes(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

// variableScale reads {"scale":5,"value":"BMsv"}.
func variableScale(raw []byte) (number, string) {
	s := jsontext.Scan(raw)
	var value []byte
	scale, known := 0, false
	for _, name := range s.Members() {
		v := s.Value()
		switch string(name) {
		case "scale":
			i, err := strconv.Atoi(jsontext.Alias(v))
			scale, known = i, err == nil && i >= -maxScale && i <= maxScale
		case "value":
			value = v
		}
	}
	if !known || len(value) < 2 || value[0] != '"' {
		return number{}, jsontext.Mismatch(`a decimal as {"scale":n,"value":base64}`, raw)
	}
	return unscaled(value, scale)
}

// ambiguous reports whether text, carried in a string that nothing explains,
// could be both a number and the base64 of one.
func ambiguous(m Meaning, raw, text []byte) bool {
	if m.kind != plain || raw[0] != '"' || len(text) == 0 || len(text)%4 != 0 {
		return false
	}
	for _, c := range text {
		if c == '.' || c == '-' {
			return false
		}
	}
	return true
}

const ambiguousReason = "a number in a string that could be text or base64: declare encoding decimal_string or decimal_base64"

func toDecimal(t tables.Type, m Meaning, raw []byte) (tables.Value, string) {
	switch {
	case m.kind == decimalBytes || m.kind == bitsLE || m.kind == uint64Wrapped:
		return decimalFromNumber(t, m, raw)
	case raw[0] == '{' && m.kind == plain:
		return tables.Value{}, jsontext.Mismatch(t.String()+" (declare encoding decimal_base64 for this form)", raw)
	}
	text, ok := jsontext.Scalar(raw)
	if !ok {
		return tables.Value{}, jsontext.Mismatch(t.String(), raw)
	}
	d, err := tables.ParseDecimal(jsontext.Alias(text), t)
	if err != nil {
		if m.kind == plain && raw[0] == '"' {
			return tables.Value{}, jsontext.Mismatch(t.String()+" (an encoding may be missing)", raw)
		}
		return tables.Value{}, jsontext.Mismatch(t.String(), raw) + ": " + err.Error()
	}
	if ambiguous(m, raw, text) {
		return tables.Value{}, ambiguousReason
	}
	return tables.DecimalValue(d), ""
}

func decimalFromNumber(t tables.Type, m Meaning, raw []byte) (tables.Value, string) {
	n, reason := readNumber(m, raw)
	if reason != "" {
		return tables.Value{}, reason
	}
	var d tables.Decimal
	var err error
	if n.big != nil {
		d, err = tables.ParseDecimal(n.text(), t)
	} else {
		d, err = n.small.Rescale(n.scale, t)
	}
	if err != nil {
		return tables.Value{}, jsontext.Mismatch(t.String(), []byte(n.text())) + ": " + err.Error()
	}
	return tables.DecimalValue(d), ""
}

func toInt64(m Meaning, raw []byte) (tables.Value, string) {
	text, ok := raw, true
	switch {
	case m.kind == decimalBytes || m.kind == bitsLE || m.kind == uint64Wrapped:
		n, reason := readNumber(m, raw)
		if reason != "" {
			return tables.Value{}, reason
		}
		text = []byte(n.text())
	default:
		text, ok = jsontext.Scalar(raw)
	}
	if !ok {
		return tables.Value{}, jsontext.Mismatch("an int64", raw)
	}
	if i, ok := jsontext.SmallInt(text); ok {
		return tables.Int64Value(i), ""
	}
	i, err := strconv.ParseInt(jsontext.Alias(text), 10, 64)
	if err != nil {
		// 1.0 and 1e3 are integers too.
		d, err := tables.ParseDecimal(jsontext.Alias(text), tables.Type{Kind: tables.DecimalKind, Precision: 19})
		if err != nil || d.Hi != int64(d.Lo)>>63 {
			return tables.Value{}, jsontext.Mismatch("an int64", raw)
		}
		i = int64(d.Lo)
	}
	return tables.Int64Value(i), ""
}

func toFloat64(m Meaning, raw []byte) (tables.Value, string) {
	if m.kind == decimalBytes || m.kind == uint64Wrapped || m.kind == bitsLE {
		n, reason := readNumber(m, raw)
		if reason != "" {
			return tables.Value{}, reason
		}
		f, err := strconv.ParseFloat(n.text(), 64)
		if err != nil {
			return tables.Value{}, jsontext.Mismatch("a float64", []byte(n.text()))
		}
		return tables.Float64Value(f), ""
	}
	text, ok := jsontext.Scalar(raw)
	if !ok {
		return tables.Value{}, jsontext.Mismatch("a float64", raw)
	}
	if raw[0] != '"' {
		f, err := strconv.ParseFloat(jsontext.Alias(text), 64)
		if err != nil {
			return tables.Value{}, jsontext.Mismatch("a float64", raw)
		}
		return tables.Float64Value(f), ""
	}
	f, err := tables.ParseFloat(jsontext.Alias(text))
	switch {
	case err != nil:
		return tables.Value{}, jsontext.Mismatch("a float64", raw)
	case jsontext.IsDigit(text[len(text)-1]) && ambiguous(m, raw, text):
		return tables.Value{}, ambiguousReason
	}
	return tables.Float64Value(f), ""
}
