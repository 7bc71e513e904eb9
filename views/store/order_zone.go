package store

import (
	"cmp"
	"slices"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// zoneOrder is the order in which the parts of a base are read for the first rows of an
// order: the parts that can have them come first, so that the others need not be read.
type zoneOrder struct {
	zones []column.Zone
	down  bool
}

// zoneOrder returns that of an order's first term, or nil when zones do not tell.
func (b *base) zoneOrder(t query.Order) *zoneOrder {
	c := &b.cols[t.Column]
	if c.Zones == nil || c.Valid != nil && t.NullsFirst {
		return nil
	}
	return &zoneOrder{zones: c.Zones, down: t.Descending}
}

func (o *zoneOrder) sort(morsels []morsel) {
	best := make(map[int]uint64, len(morsels)) // by the first row
	for _, m := range morsels {
		z := column.Zone{Low: ^uint64(0)}
		for block := m.from >> column.BlockBits; block<<column.BlockBits < m.to; block++ {
			z.Low, z.High = min(z.Low, o.zones[block].Low), max(z.High, o.zones[block].High)
		}
		best[m.from] = z.Low
		if o.down {
			best[m.from] = ^z.High
		}
	}
	slices.SortStableFunc(morsels, func(a, b morsel) int { return cmp.Compare(best[a.from], best[b.from]) })
}
