package paging

import (
	"context"
	"slices"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/scan"
)

// inSpanOrder answers limit_by where every span of the sort key is of one group and in
// the query's order, as with the latest rows of some customers of a table sorted by
// customer and time: of each span it reads as many rows as the group wants. It reports
// false where the sort key does not serve.
func (r *rows) inSpanOrder(ctx context.Context, wanted int) ([]mvcc.Entry, bool, error) {
	p := r.scan.Plan
	by, ok := sortedWithin(p, r.order, r.query.LimitBy)
	if !ok || p.ByKey || p.Indexed {
		return nil, false, nil
	}
	to := newGrouped(r.order, wanted, r.query.LimitBy, r.scan.Over)
	if err := r.scan.Delta(ctx, &collecting{order: r.order, to: to}); err != nil {
		return nil, true, err
	}
	for n, s := range p.Spans {
		if n&(1<<8-1) == 0 && ctx.Err() != nil {
			return nil, true, ctx.Err()
		}
		if err := r.spanOfGroup(ctx, by, s, to); err != nil {
			return nil, true, err
		}
	}
	r.scan.InOrder = true
	return to.sorted(), true, nil
}

// sortedWithin returns how the base's order serves o within each of the plan's spans, when
// each is of one group.
func sortedWithin(p *scan.Plan, o *mvcc.Ordering, groups *query.LimitBy) (sorted, bool) {
	one := o.Version.Layout.Sort[:p.Points]
	for _, c := range groups.Columns {
		if !slices.Contains(one, c) {
			return sorted{}, false
		}
	}
	by := sortedWhere(o, func(col int) bool {
		_, fixed := p.Fixed[col]
		return fixed || slices.Contains(one, col)
	})
	return by, by.open && p.Points > 0
}

// spanOfGroup reads one span until no later row of it can be wanted.
func (r *rows) spanOfGroup(ctx context.Context, by sorted, p scan.Span, to *grouped) error {
	group := to.group(mvcc.Ref(p.From))
	var m column.Mask
	for block, part := range p.Blocks(by.down) {
		if block&(1<<6-1) == 1<<6-1 && ctx.Err() != nil {
			return ctx.Err()
		}
		if !r.scan.Part(block, part, &m) {
			continue
		}
		if !r.blockOfGroup(by, block, &m, group) {
			return nil
		}
	}
	return nil
}

// blockOfGroup adds the rows of a block and reports whether a later one can be wanted.
func (r *rows) blockOfGroup(by sorted, block int, m *column.Mask, group *top) bool {
	each := m.Each
	if by.down {
		each = m.EachDown
	}
	for i := range each {
		row := mvcc.RefOf(block, i, false)
		if worst := group.worst(); worst != nil && r.order.CompareTerms(row, worst.Ref, 0, by.terms) > 0 {
			return false
		}
		group.add(r.order.Entry(row))
	}
	return true
}
