package paging

import (
	"context"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/scan"
)

// ordered reads the base in its order and stops when no later row can be wanted.
// When that takes long, because few rows meet the filter, it reads the rest in any
// order, on all cores.
func (r *rows) ordered(ctx context.Context, by sorted, wanted int, after *query.Bookmark) ([]mvcc.Entry, error) {
	r.scan.InOrder = true
	sinks := collectings{rows: r, wanted: wanted, after: after}
	sinks.add()
	o := &orderedScan{rows: r, by: by, to: sinks.all[0], budget: r.scan.Version.Layout.Tuning.Ordered}
	if err := r.scan.Delta(ctx, o.to); err != nil {
		return nil, err
	}
	spans := r.scan.Plan.Spans
	if after != nil {
		spans = by.clip(r.order, spans, after)
	}
	for i := range spans {
		p := spans[i]
		if by.down {
			p = spans[len(spans)-1-i]
		}
		more, err := o.span(ctx, p)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	if len(o.rest) > 0 {
		if err := r.scan.All(ctx, r.scan.Morsels(o.rest), o.to, sinks.add); err != nil {
			return nil, err
		}
	}
	return sinks.sorted(), ctx.Err()
}

// orderedScan reads a base in its order.
type orderedScan struct {
	*rows
	by     sorted
	to     *collecting
	budget int         // of rows; only where there are other cores to help
	rest   []scan.Span // what was left when it was spent
	asked  bool        // for room, when it was
}

// span reads one span and reports whether the next one can matter.
func (o *orderedScan) span(ctx context.Context, p scan.Span) (bool, error) {
	var m column.Mask
	for block, part := range p.Blocks(o.by.down) {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		next, left := part.From, scan.Span{From: part.From, To: p.To}
		if o.by.down {
			next, left = part.To-1, scan.Span{From: p.From, To: part.To}
		}
		if o.blockBeyond(o.by, mvcc.Ref(next), o.to) {
			return false, nil
		}
		if o.budget <= 0 && !o.asked {
			if err := o.scan.Ask(ctx); err != nil {
				return false, err
			}
			o.asked = true
		}
		if o.budget <= 0 && o.scan.Cores > 1 {
			o.rest = append(o.rest, left)
			return true, nil
		}
		if !o.scan.Part(block, part, &m) {
			continue
		}
		o.budget -= part.To - part.From
		if !o.orderedBlock(o.by, block, &m, o.to) {
			return false, nil
		}
	}
	return true, nil
}

func (r *rows) orderedBlock(by sorted, block int, m *column.Mask, to *collecting) bool {
	each := m.Each
	if by.down {
		each = m.EachDown
	}
	for i := range each {
		row := mvcc.RefOf(block, i, false)
		if r.beyond(by, row, to) {
			return false
		}
		if to.after != nil && r.order.CompareBookmark(row, to.after) <= 0 {
			continue
		}
		to.to.add(r.order.Entry(row))
	}
	return true
}

// beyond reports whether a row and all behind it in the base's order come after
// everything that is wanted. Rows that tie in the terms that the base gives may
// still come before, by the other terms or by key.
func (r *rows) beyond(by sorted, row mvcc.Ref, to *collecting) bool {
	worst := to.to.worst()
	return worst != nil && r.order.CompareTerms(row, worst.Ref, 0, by.terms) > 0
}

// blockBeyond is beyond for a row that may not meet the filter: of it, only the first
// open term is sure to be in order.
func (r *rows) blockBeyond(by sorted, row mvcc.Ref, to *collecting) bool {
	worst := to.to.worst()
	return worst != nil && r.order.CompareTerms(row, worst.Ref, by.first, by.first+1) > 0
}
