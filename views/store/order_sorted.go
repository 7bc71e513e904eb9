package store

import "github.com/tidemark/tidemark/views/query"

// sorted says how far the order of the base serves a query's order.
type sorted struct {
	terms int  // so many terms of the order are given by the base's
	down  bool // reading it backwards
	first int  // the first of these terms whose column the filter leaves open
	open  bool // there is one
}

// sortedBy returns how the base's order serves o. Columns that the filter holds at
// one value order nothing and are passed over on both sides.
func (p *plan) sortedBy(o *ordering) sorted {
	return sortedBy(o, func(col int) bool { _, ok := p.fixed[col]; return ok })
}

func sortedBy(o *ordering, fixed func(col int) bool) sorted {
	var s sorted
	sort := o.v.layout.sort[:o.v.layout.sortOnly]
	for i, t := range o.terms {
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
		nullable := o.v.base.cols[t.Column].Valid != nil
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

// clip cuts the spans to the rows that can stand behind a bookmark. Within a span
// only the column of the first open term is sure to ascend.
func (s *sorted) clip(o *ordering, spans []span, b *query.Bookmark) []span {
	t, v := o.terms[s.first], b.Values[s.first]
	if v.IsNull() && o.v.base.cols[t.Column].Valid == nil {
		if t.NullsFirst {
			return spans
		}
		return nil
	}
	var out []span
	for _, p := range spans {
		if s.down {
			p.to = o.v.base.lower(p, t.Column, v, true)
		} else {
			p.from = o.v.base.lower(p, t.Column, v, false)
		}
		if p.from < p.to {
			out = append(out, p)
		}
	}
	return out
}
