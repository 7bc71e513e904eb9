package tables

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"math/bits"
)

// Decimal is the unscaled value of a decimal: a 128-bit two's complement integer.
type Decimal struct {
	Hi int64
	Lo uint64
}

// ErrDecimalRange is returned for a number with more digits than its type has.
var ErrDecimalRange = errors.New("number has more digits than the decimal holds")

// DecimalFromInt64 returns i.
func DecimalFromInt64(i int64) Decimal { return Decimal{Hi: i >> 63, Lo: uint64(i)} }

// Sign returns -1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.Hi < 0:
		return -1
	case d.Hi == 0 && d.Lo == 0:
		return 0
	}
	return 1
}

// Neg returns -d, modulo 2^128.
func (d Decimal) Neg() Decimal {
	lo, borrow := bits.Sub64(0, d.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(d.Hi), borrow)
	return Decimal{Hi: int64(hi), Lo: lo}
}

// Add returns d+e modulo 2^128, and whether the sum fits.
func (d Decimal) Add(e Decimal) (Decimal, bool) {
	lo, carry := bits.Add64(d.Lo, e.Lo, 0)
	hi, _ := bits.Add64(uint64(d.Hi), uint64(e.Hi), carry)
	s := Decimal{Hi: int64(hi), Lo: lo}
	overflow := (d.Hi < 0) == (e.Hi < 0) && (s.Hi < 0) != (d.Hi < 0)
	return s, !overflow
}

// Cmp compares two unscaled values.
func (d Decimal) Cmp(e Decimal) int {
	if c := cmp.Compare(d.Hi, e.Hi); c != 0 {
		return c
	}
	return cmp.Compare(d.Lo, e.Lo)
}

// mul10 returns d*10+digit for a non-negative d, and whether it fits.
func (d Decimal) mul10(digit uint64) (Decimal, bool) {
	c, lo := bits.Mul64(d.Lo, 10)
	c2, hi := bits.Mul64(uint64(d.Hi), 10)
	lo, carry := bits.Add64(lo, digit, 0)
	hi, carry2 := bits.Add64(hi, c, carry)
	r := Decimal{Hi: int64(hi), Lo: lo}
	return r, c2 == 0 && carry2 == 0 && r.Hi >= 0
}

// divmod10 divides a non-negative d by ten.
func (d Decimal) divmod10() (q Decimal, digit uint64) {
	hi, r := bits.Div64(0, uint64(d.Hi), 10)
	lo, r := bits.Div64(r, d.Lo, 10)
	return Decimal{Hi: int64(hi), Lo: lo}, r
}

// Fits reports whether d has at most precision digits.
func (d Decimal) Fits(precision uint8) bool {
	if d.Hi < 0 {
		d = d.Neg()
		if d.Hi < 0 {
			return false
		}
	}
	return d.Cmp(pow10(precision)) < 0
}

func pow10(n uint8) Decimal {
	d := Decimal{Lo: 1}
	for range n {
		d, _ = d.mul10(0)
	}
	return d
}

// Big returns the unscaled value as a big integer.
func (d Decimal) Big() *big.Int {
	b := new(big.Int).Lsh(big.NewInt(d.Hi), 64)
	return b.Add(b, new(big.Int).SetUint64(d.Lo))
}

// DecimalFromBig returns b, and whether it fits into 128 bits.
func DecimalFromBig(b *big.Int) (Decimal, bool) {
	if b.BitLen() > 127 {
		return Decimal{}, false
	}
	lo := new(big.Int).And(b, new(big.Int).SetUint64(^uint64(0)))
	hi := new(big.Int).Rsh(b, 64)
	return Decimal{Hi: hi.Int64(), Lo: lo.Uint64()}, true
}

// Rescale returns d, an unscaled value of scale from, at the scale and precision
// of t. Digits that would be lost must be zeros, else it is an error: a decimal
// is never rounded in silence.
func (d Decimal) Rescale(from int, t Type) (Decimal, error) {
	neg := d.Hi < 0
	if neg {
		d = d.Neg()
		if d.Hi < 0 {
			return Decimal{}, ErrDecimalRange
		}
	}
	for ; from < int(t.Scale); from++ {
		if d == (Decimal{}) {
			break
		}
		var ok bool
		if d, ok = d.mul10(0); !ok {
			return Decimal{}, ErrDecimalRange
		}
	}
	for ; from > int(t.Scale) && d != (Decimal{}); from-- {
		q, r := d.divmod10()
		if r != 0 {
			return Decimal{}, fmt.Errorf("number has more than %d digits after the point", t.Scale)
		}
		d = q
	}
	if !d.Fits(t.Precision) {
		return Decimal{}, ErrDecimalRange
	}
	if neg {
		d = d.Neg()
	}
	return d, nil
}

// AppendDecimal appends d with exactly scale digits after the point.
func AppendDecimal(dst []byte, d Decimal, scale uint8) []byte {
	if d.Hi == int64(d.Lo)>>63 {
		return appendSmall(dst, int64(d.Lo), scale)
	}
	var buf [48]byte
	i := len(buf)
	neg := d.Hi < 0
	u := d
	if neg {
		u = d.Neg() // -2^127 negates to itself; divmod10 reads it as unsigned, which is its magnitude
	}
	for n := 0; u != (Decimal{}) || n <= int(scale); n++ {
		if n == int(scale) && scale > 0 {
			i--
			buf[i] = '.'
		}
		var r uint64
		u, r = u.divmod10()
		i--
		buf[i] = byte('0' + r)
	}
	if neg {
		dst = append(dst, '-')
	}
	return append(dst, buf[i:]...)
}

// appendSmall is AppendDecimal for what fits into 64 bits, as nearly all do: its
// divisions cost a tenth.
func appendSmall(dst []byte, v int64, scale uint8) []byte {
	var buf [48]byte
	i := len(buf)
	u := uint64(v)
	if v < 0 {
		u = -u
	}
	for n := 0; u > 0 || n <= int(scale); n++ {
		if n == int(scale) && scale > 0 {
			i--
			buf[i] = '.'
		}
		i--
		buf[i] = byte('0' + u%10)
		u /= 10
	}
	if v < 0 {
		dst = append(dst, '-')
	}
	return append(dst, buf[i:]...)
}

// ParseDecimal reads a decimal number, with an optional exponent, exactly.
func ParseDecimal(s string, t Type) (Decimal, error) {
	d, scale, err := parseNumber(s)
	if err != nil {
		return Decimal{}, err
	}
	return d.Rescale(scale, t)
}

// parseNumber reads [+-]digits[.digits][e[+-]digits] as an unscaled value and a scale.
func parseNumber(s string) (d Decimal, scale int, err error) {
	rest, neg := s, false
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		rest, neg = rest[1:], rest[0] == '-'
	}
	d, scale, n, err := parseDigits(rest)
	if err != nil {
		return Decimal{}, 0, err
	}
	exp, ok := 0, n > 0
	if ok && n < len(rest) {
		exp, ok = parseExponent(rest[n:])
	}
	if !ok {
		return Decimal{}, 0, fmt.Errorf("%q is no number", clip(s))
	}
	if neg {
		d = d.Neg()
	}
	return d, scale - exp, nil
}

// parseDigits reads digits[.digits], and returns how many bytes that is: 0 without a digit.
func parseDigits(s string) (d Decimal, scale, n int, err error) {
	digits, point, zeros := 0, false, 0
	for ; n < len(s); n++ {
		c := s[n]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		digits++
		if c == '0' && point {
			zeros++ // trailing zeros after the point are held back: they cost digits and say nothing
			continue
		}
		for ; zeros >= 0; zeros-- {
			next := uint64(0)
			if zeros == 0 {
				next = uint64(c - '0')
			}
			var ok bool
			if d, ok = d.mul10(next); !ok {
				return Decimal{}, 0, 0, ErrDecimalRange
			}
			if point {
				scale++
			}
		}
		zeros = 0
	}
	if digits == 0 {
		n = 0
	}
	return d, scale, n, nil
}

// parseExponent reads e[+-]digits; exponents beyond four digits are refused.
func parseExponent(s string) (int, bool) {
	if len(s) < 2 || (s[0] != 'e' && s[0] != 'E') {
		return 0, false
	}
	s = s[1:]
	neg := s[0] == '-'
	if neg || s[0] == '+' {
		s = s[1:]
	}
	if len(s) == 0 || len(s) > 4 {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	if neg {
		n = -n
	}
	return n, true
}

// clip shortens hostile text for an error message.
func clip(s string) string {
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}
