package render

import (
	"strconv"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// AppendInt appends a JSON number.
func AppendInt(dst []byte, i int64) []byte { return strconv.AppendInt(dst, i, 10) }

// AppendBool appends true or false.
func AppendBool(dst []byte, b bool) []byte { return strconv.AppendBool(dst, b) }

// AppendTime appends a time as a JSON string, as columns of times have it.
func AppendTime(dst []byte, at time.Time) []byte {
	dst = tables.AppendTimestamp(append(dst, '"'), at.UnixMicro())
	return append(dst, '"')
}

// AppendNames appends a list of strings.
func AppendNames(dst []byte, names []string) []byte {
	dst = append(dst, '[')
	for i, n := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = tables.AppendJSONString(dst, n)
	}
	return append(dst, ']')
}
