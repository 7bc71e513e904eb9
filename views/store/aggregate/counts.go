package aggregate

import "github.com/tidemark/tidemark/tables"

// nulls counts the null values of each group: what is left of its rows are values.
// Most blocks have none, and then there is nothing to count.
type nulls struct {
	of  *sizes
	col int
	n   []int64
}

func (c *nulls) grow(groups int) { c.n = extend(c.n, groups) }

func (c *nulls) add(b *batchOfRows, groups []uint32) {
	if c.col < 0 || !b.nullable(c.col) {
		return
	}
	for i, g := range groups {
		if b.isNull(c.col, i) {
			c.n[g]++
		}
	}
}

func (c *nulls) merge(o *nulls, to []uint32) {
	for i, n := range o.n {
		c.n[to[i]] += n
	}
}

// values returns how many values a group has.
func (c *nulls) values(group int) int64 { return c.of.n[group] - c.n[group] }

// counts counts rows, or with a column the values that are not null.
type counts struct{ nulls }

func (c *counts) merge(o accumulator, to []uint32) { c.nulls.merge(&o.(*counts).nulls, to) }

func (c *counts) value(group int) (tables.Value, error) {
	return tables.Int64Value(c.values(group)), nil
}
