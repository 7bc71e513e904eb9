package wire

import (
	"encoding/binary"
	"fmt"
)

// WholeName is the changelog header of a record that is written again, in a stretch
// that leaves records out: where the writer's state was ahead of the changelog, what it
// has newer already is passed over. Its value is the source offset from which on the
// changelog's rows are the source's again; between there and the record they are a mix of
// states.
const WholeName = "w"

// AppendWhole appends the header's value.
func AppendWhole(dst []byte, from int64) []byte { return binary.AppendUvarint(dst, uint64(from)) }

// ParseWhole reads the header's value. What follows the offset is left to later versions.
func ParseWhole(b []byte) (int64, error) {
	from, n := binary.Uvarint(b)
	if n <= 0 || from > 1<<62 {
		return 0, fmt.Errorf("header %s: %w", WholeName, ErrCorrupt)
	}
	return int64(from), nil
}
