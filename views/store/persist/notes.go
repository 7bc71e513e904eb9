package persist

import (
	"encoding/binary"

	"github.com/tidemark/tidemark/views/store/column"
)

// notesKey is where the file's metadata has what Parquet cannot say.
const notesKey = "tidemark"

// notes are, by column, the rows whose value is unavailable, and the dates that are
// too far away for a Parquet date. Both are null in the columns.
type notes struct {
	Version     int                        `json:"version"`
	Unavailable map[string]string          `json:"unavailable,omitempty"` // base64 of lengths, see appendRuns
	Dates       map[string]map[int64]int64 `json:"dates,omitempty"`       // by row
}

func (n *notes) date(column string, row int, days int64) {
	if n.Dates[column] == nil {
		n.Dates[column] = map[int64]int64{}
	}
	n.Dates[column][int64(row)] = days
}

// appendRuns appends the lengths of the runs of rows that are not and that are in a
// bitmap, in turns, as uvarints.
func appendRuns(dst []byte, b column.Bitmap, rows int) []byte {
	in, run := false, uint64(0)
	for i := range rows {
		if b.Get(i) != in {
			dst = binary.AppendUvarint(dst, run)
			in, run = !in, 0
		}
		run++
	}
	return binary.AppendUvarint(dst, run)
}

// parseRuns is the inverse of appendRuns.
func parseRuns(src []byte, rows int) (column.Bitmap, error) {
	b, at := column.NewBitmap(rows), 0
	for in := false; len(src) > 0; in = !in {
		n, size := binary.Uvarint(src)
		if size <= 0 || n > uint64(rows-at) {
			return nil, ErrCorrupt
		}
		if in {
			column.SetBits(b, at, int(n))
		}
		at, src = at+int(n), src[size:]
	}
	if at != rows {
		return nil, ErrCorrupt
	}
	return b, nil
}
