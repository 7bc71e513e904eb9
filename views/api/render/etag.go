package render

import (
	"encoding/hex"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/tidemark/tidemark/views/store"
)

// ContentTag returns a tag of the bytes of an answer: it stays the same while other
// rows change, on every replica.
func ContentTag(body []byte) string {
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

// SnapshotTag returns the tag of everything that is read from a snapshot. It is weak:
// the same rows are sent with different statistics and encodings.
func SnapshotTag(snap *store.Snapshot) string { return `W/"` + snap.ETag() + `"` }

// Matches reports whether an If-None-Match names the tag.
func Matches(lines []string, etag string) bool {
	tag := strings.TrimPrefix(etag, "W/")
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			item = strings.TrimSpace(item)
			if item == "*" || strings.TrimPrefix(item, "W/") == tag {
				return true
			}
		}
	}
	return false
}
