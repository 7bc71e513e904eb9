package paging

import (
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/scan"
)

// sorted says how far the order of the base serves a query's order.
type sorted struct {
	terms int  // so many terms of the order are given by the base's
	down  bool // reading it backwards
	first int  // the first of these terms whose column the filter leaves open
	open  bool // there is one
}

// sortedBy returns how the base's order serves o. Columns that the filter holds at
// one value order nothing and are passed over on both sides.
func sortedBy(p *scan.Plan, o *mvcc.Ordering) sorted {
	return sortedWhere(o, func(col int) bool { _, ok := p.Fixed[col]; return ok })
}

// sortedWhere returns how the base's order serves o where some columns have one value.
func sortedWhere(o *mvcc.Ordering, fixed func(col int) bool) sorted {
	var s sorted
	sort := o.Version.Layout.Sort[:o.Version.Layout.SortOnly]
	for i, t := range o.Terms {
		if fixed(t.Column) {
			s.terms++
			continue
		}
		for len(sort) > 0 {
			if !fixed(sort[0]) || sort[0] == t.Column {
				break
			}
			sort = sort[1:]
		}
		if len(sort) == 0 || sort[0] != t.Column {
			break
		}
		nullable := o.Version.Base.Cols[t.Column].Valid != nil
		if nullable && t.NullsFirst != t.Descending {
			break
		}
		if s.open && s.down != t.Descending {
			break
		}
		if !s.open {
			s.down, s.first, s.open = t.Descending, i, true
		}
		sort = sort[1:]
		s.terms++
	}
	return s
}

// clip cuts the spans to the rows that can be after a bookmark. Within a span
// only the column of the first open term is sure to ascend.
func (s *sorted) clip(o *mvcc.Ordering, spans []scan.Span, b *query.Bookmark) []scan.Span {
	t, v := o.Terms[s.first], b.Values[s.first]
	if v.IsNull() && o.Version.Base.Cols[t.Column].Valid == nil {
		if t.NullsFirst {
			return spans
		}
		return nil
	}
	var out []scan.Span
	for _, p := range spans {
		if s.down {
			p.To = scan.Lower(o.Version.Base, p, t.Column, v, true)
		} else {
			p.From = scan.Lower(o.Version.Base, p, t.Column, v, false)
		}
		if p.From < p.To {
			out = append(out, p)
		}
	}
	return out
}
