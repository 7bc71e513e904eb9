package verify

import (
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/tidemark/tidemark/tables"
)

// row is a row of the database.
type row struct {
	key        tables.Key
	values     []tables.Value
	unreadable map[int]string // texts that the column's type cannot hold
	page       []any          // the key as the database knows it
}

// foreignKey reports whether a column of the key holds what the column's type cannot.
func (r *row) foreignKey(key []int) bool {
	return slices.ContainsFunc(key, func(k int) bool { _, unreadable := r.unreadable[k]; return unreadable })
}

// hash is what a row is known by when it is read again. It is never 0, which is no row.
func (r *row) hash(columns []sourceColumn) uint64 {
	var buf []byte
	for i, v := range r.values {
		t := columns[i].Type
		if columns[i].same != nil {
			t = tables.Type{Kind: tables.String} // a rule compares its text
		}
		bad, unreadable := r.unreadable[i]
		switch {
		case unreadable:
			buf = append(append(buf, 2), bad...)
		case v.IsNull():
			buf = append(buf, 0)
		default:
			buf = tables.AppendText(append(buf, 1), t, v)
		}
		buf = append(buf, 0xff) // is in no text
	}
	return max(xxhash.Sum64(buf), 1)
}
