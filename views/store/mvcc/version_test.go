package mvcc

import (
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// TestAVersionNeverChanges takes a version, and writes behind it: updates, a removal, a key that comes back.
func TestAVersionNeverChanges(t *testing.T) {
	integer := tables.Type{Kind: tables.Int64}
	l, err := NewLayout(&tables.Table{Name: "t", Key: []string{"id"}, Columns: []tables.Column{{Name: "id", Type: integer}, {Name: "n", Type: integer}}})
	if err != nil {
		t.Fatal(err)
	}
	key := func(id int64) tables.Key { return tables.EncodeKey(tables.Int64Value(id)) }
	now := &Version{Generation: NewGeneration(EmptyBase(l))}
	offset := int64(0)
	write := func(id, n int64) {
		w := NewWriter(now, now.Clock+1)
		c := Change{Offset: offset, Key: key(id)}
		if n >= 0 {
			c.Values = []tables.Value{tables.Int64Value(id), tables.Int64Value(n)}
		}
		w.Apply(&c)
		now.Clock++
		now.See()
		offset++
	}
	seen := func(v *Version, id int64) int64 {
		r := v.Find(key(id))
		if r == NoRef {
			return -1
		}
		return v.Value(r, 1).Int()
	}
	write(1, 10)
	write(2, 20)
	before := *now
	write(1, 11)
	write(2, -1)
	between := *now
	write(2, 22)
	write(3, 30)
	for _, test := range []struct {
		what string
		v    *Version
		want [3]int64
		rows int
	}{{"before", &before, [3]int64{10, 20, -1}, 2}, {"between", &between, [3]int64{11, -1, -1}, 1}, {"now", now, [3]int64{11, 22, 30}, 3}} {
		for i, want := range test.want {
			if got := seen(test.v, int64(i+1)); got != want {
				t.Errorf("%s: key %d has %d, want %d", test.what, i+1, got, want)
			}
		}
		if test.v.Rows != test.rows {
			t.Errorf("%s: %d rows, want %d", test.what, test.v.Rows, test.rows)
		}
	}
}
