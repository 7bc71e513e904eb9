package store

import (
	"context"
	"slices"
)

// Admission is asked before a query begins that may take long: it looks at many rows. It
// returns when there is room for one more, or with an error that ends the query. One query
// may ask more than once.
type Admission func(context.Context) error

// Admitting returns the same rows, of which queries that may take long ask first.
func (s *Snapshot) Admitting(a Admission) *Snapshot {
	out := *s
	out.admission = a
	return &out
}

// ask asks for room where the scan looks at many rows.
func (s *scan) ask(ctx context.Context) error {
	if s.admission == nil || !s.long {
		return nil
	}
	return s.admission(ctx)
}

// long reports whether so many rows are looked at that others would feel it.
func (p *plan) long(v *version) bool {
	rows := rowsOf(p.spans)
	if p.byKey {
		rows = len(p.keys)
	} else if p.indexed {
		rows = len(p.rows)
	}
	return rows+v.count >= v.layout.tuning.smallScan
}

// searches reports whether many texts of a dictionary are looked through before the first row.
func searches(c condition, b *base) bool {
	switch c := c.(type) {
	case allOf:
		return slices.ContainsFunc(c, func(part condition) bool { return searches(part, b) })
	case anyOf:
		return slices.ContainsFunc(c, func(part condition) bool { return searches(part, b) })
	case leaf:
		t, ok := c.test.(textTest)
		return ok && t.equal == nil && t.order == nil && b.cols[c.col].Dict != nil && b.cols[c.col].Dict.Len() >= stopStep
	}
	return false
}
