package jsontext

import (
	"encoding/binary"
	"math/bits"
)

const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

// text skips a string, at whose opening quote the scanner is, and reports
// whether it holds escapes. It looks at eight bytes at a time for a quote, a
// backslash or a control character: rows of 100 kB are mostly text that nobody asked for.
func (s *Scanner) text() (escaped, ok bool) {
	b, i := s.b, s.i+1
	for {
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			quote, slash := w^(everyByte*'"'), w^(everyByte*'\\')
			stop := (quote-everyByte)&^quote | (slash-everyByte)&^slash | (w-everyByte*0x20)&^w
			if stop &= highBits; stop != 0 {
				i += bits.TrailingZeros64(stop) / 8
				break
			}
			i += 8
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= 0x20 {
			i++
		}
		if i >= len(b) {
			s.i = i
			return false, s.Fail("the text ends in a string")
		}
		switch b[i] {
		case '"':
			s.i = i + 1
			return escaped, true
		case '\\':
			n := escapeLength(b[i:])
			if n == 0 {
				s.i = i
				return false, s.Fail("unknown escape")
			}
			escaped = true
			i += n
		default:
			s.i = i
			return false, s.Fail("control character in a string")
		}
	}
}
