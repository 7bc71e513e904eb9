package scan

import "github.com/tidemark/tidemark/views/store/column"

// matches refines m, rows of a block, to those that are alive and meet the filter.
func (s *Scan) matches(block int, inDelta bool, m *column.Mask) {
	if m.Empty() {
		return
	}
	var alive column.Mask
	s.Version.Alive(block, inDelta, &alive)
	m.And(&alive)
	if m.Empty() {
		return
	}
	if inDelta {
		s.inDelta.Refine(block, m)
	} else {
		s.inBase.Refine(block, m)
	}
}

// without reports whether the zones of a block of the base say that no row of it
// meets the filter.
func (s *Scan) without(block int) bool { return s.zoned != nil && s.zoned.Excludes(block) }

// Part marks the rows of a part of a block that are alive and meet the filter. It reports
// false for a block that was passed over, since none of its rows can.
func (s *Scan) Part(block int, p Span, m *column.Mask) bool {
	if s.without(block) {
		s.passed.Add(1)
		return false
	}
	m.Fill(p.From-block<<column.BlockBits, p.To-block<<column.BlockBits)
	s.read.Add(int64(p.To - p.From))
	s.matches(block, false, m)
	return true
}
