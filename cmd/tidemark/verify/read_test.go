package verify

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/tables"
)

// TestConditionOfSeveralKeys has keys of one column, which are given as a list, and of two.
func TestConditionOfSeveralKeys(t *testing.T) {
	number := tables.Type{Kind: tables.Int64}
	columns := []sourceColumn{{native: `t."v"`}, {native: `t."a"`}, {native: `t."b"`}}
	for i := range columns {
		columns[i].Type = number
	}
	var one, two [][]tables.Value
	for n := range int64(2) {
		one = append(one, []tables.Value{tables.Int64Value(n)})
		two = append(two, []tables.Value{tables.Int64Value(n), tables.Int64Value(10 + n)})
	}
	for _, c := range []struct {
		key  []int
		keys [][]tables.Value
		want string
		args int
	}{
		{[]int{1}, one, `t."a" IN ($1, $2)`, 2},
		{[]int{2, 1}, two, `(t."b" = $1 AND t."a" = $2) OR (t."b" = $3 AND t."a" = $4)`, 4},
	} {
		d := &Database{dialect: postgres{}, columns: columns, key: c.key}
		got, args := d.anyOf(c.keys)
		if got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
		var want []any
		for _, key := range c.keys {
			for _, v := range key {
				want = append(want, postgres{}.argument(number, v))
			}
		}
		if diff := cmp.Diff(want, args); diff != "" || len(args) != c.args {
			t.Errorf("arguments of %s (-want +got):\n%s", c.want, diff)
		}
	}
}
