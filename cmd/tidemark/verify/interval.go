package verify

import (
	"math/big"
	"strings"
)

// span is an interval in the parts that are no multiples of each other.
type span struct{ months, days, micros int64 }

// sameInterval compares ISO 8601 intervals by their parts: P1M and P0Y1M0D are one.
func sameInterval(a, b string) bool {
	x, ok1 := interval(a)
	y, ok2 := interval(b)
	if !ok1 || !ok2 {
		return a == b
	}
	return x == y
}

// interval reads P[n]Y[n]M[n]W[n]DT[n]H[n]M[n]S, each part with a sign of its own.
func interval(s string) (out span, ok bool) {
	body, ok := strings.CutPrefix(s, "P")
	if !ok || body == "" {
		return out, false
	}
	clock := false
	for body != "" {
		if rest, is := strings.CutPrefix(body, "T"); is {
			clock, body = true, rest
			continue
		}
		i := strings.IndexAny(body, "YMWDHS")
		if i <= 0 {
			return out, false
		}
		n, ok := exact(body[:i])
		if !ok || !out.add(body[i], clock, n) {
			return out, false
		}
		body = body[i+1:]
	}
	return out, true
}

func (s *span) add(unit byte, clock bool, n *big.Rat) bool {
	into, times := &s.micros, int64(0)
	switch {
	case unit == 'Y' && !clock:
		into, times = &s.months, 12
	case unit == 'M' && !clock:
		into, times = &s.months, 1
	case unit == 'W' && !clock:
		into, times = &s.days, 7
	case unit == 'D' && !clock:
		into, times = &s.days, 1
	case unit == 'H' && clock:
		times = 3600e6
	case unit == 'M' && clock:
		times = 60e6
	case unit == 'S' && clock:
		times = 1e6
	default:
		return false
	}
	n.Mul(n, big.NewRat(times, 1))
	if !n.IsInt() || !n.Num().IsInt64() {
		return false
	}
	*into += n.Num().Int64()
	return true
}
