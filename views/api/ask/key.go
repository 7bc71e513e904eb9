package ask

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/problem"
)

// Keys reads the keys of a table. What it reads it writes into the buffer of the caller,
// which it may make longer.
type Keys struct {
	table   *tables.Table
	columns []int
}

// KeysOf returns how keys of t are read.
func KeysOf(t *tables.Table) Keys { return Keys{table: t, columns: t.KeyColumns()} }

// OfPath reads the key that a path names: the values in the declared order,
// separated by commas, each percent-encoded. A key of one column takes the whole
// of it, commas and all.
func (k *Keys) OfPath(buf *[]byte, raw string) (tables.Key, error) {
	*buf = (*buf)[:0]
	if len(k.columns) == 1 {
		return k.keyPart(buf, 0, raw)
	}
	parts := strings.Split(raw, ",")
	if len(parts) != len(k.columns) {
		return "", k.badKey(fmt.Sprintf("the key has %d values, and %d were given", len(k.columns), len(parts)))
	}
	var key tables.Key
	var err error
	for i, part := range parts {
		if key, err = k.keyPart(buf, i, part); err != nil {
			return "", err
		}
	}
	return key, nil
}

// keyPart appends one value to the key and returns the key as far as it goes.
func (k *Keys) keyPart(buf *[]byte, i int, raw string) (tables.Key, error) {
	text := raw
	if strings.IndexByte(raw, '%') >= 0 {
		var err error
		if text, err = url.PathUnescape(raw); err != nil {
			return "", k.badKey("the key is not percent-encoded as a URL is")
		}
	}
	col := &k.table.Columns[k.columns[i]]
	v, err := tables.ParseText(col.Type, text)
	if err != nil {
		return "", k.badKey(fmt.Sprintf("the column %s is %s: %v", col.Name, col.Type, err))
	}
	*buf = tables.AppendKey(*buf, v)
	return tables.Key(*buf), nil
}

func (k *Keys) badKey(detail string) *problem.Details {
	hint := "the key is " + strings.Join(k.table.Key, ",")
	if len(k.columns) > 1 {
		hint += "; write a comma inside of a value as %2C"
	}
	return problem.BadRequest("bad-key", "key", detail, hint)
}
