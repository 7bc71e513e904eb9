package scan

import (
	"cmp"
	"slices"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// ZoneOrder is the order in which the parts of a base are read for the first rows of an
// order: the parts that can have them come first, so that the others need not be read.
type ZoneOrder struct {
	zones []column.Zone
	down  bool
}

// ZoneOrderOf returns that of an order's first term, or nil when zones do not help.
func ZoneOrderOf(b *mvcc.Base, t query.Order) *ZoneOrder {
	c := &b.Cols[t.Column]
	if c.Zones == nil || c.Valid != nil && t.NullsFirst {
		return nil
	}
	return &ZoneOrder{zones: c.Zones, down: t.Descending}
}

func (o *ZoneOrder) sort(morsels []Morsel) {
	best := make(map[int]uint64, len(morsels)) // by the first row
	for _, m := range morsels {
		z := column.Zone{Low: ^uint64(0)}
		for block := m.From >> column.BlockBits; block<<column.BlockBits < m.To; block++ {
			z.Low, z.High = min(z.Low, o.zones[block].Low), max(z.High, o.zones[block].High)
		}
		best[m.From] = z.Low
		if o.down {
			best[m.From] = ^z.High
		}
	}
	slices.SortStableFunc(morsels, func(a, b Morsel) int { return cmp.Compare(best[a.From], best[b.From]) })
}
