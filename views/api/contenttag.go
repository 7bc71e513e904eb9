package api

import (
	"encoding/hex"

	"github.com/cespare/xxhash/v2"
)

// contentTag returns a tag of the bytes of an answer: it stays the same while other
// rows change, on every replica.
func contentTag(body []byte) string {
	var sum [8]byte
	h := xxhash.Sum64(body)
	for i := range sum {
		sum[i] = byte(h >> (56 - 8*i))
	}
	var out [20]byte
	b := append(out[:0], `W/"`...)
	b = hex.AppendEncode(b, sum[:])
	return string(append(b, '"'))
}
