package store

import "slices"

// An excluder knows blocks in which no row can meet it, without a look at the rows.
type excluder interface{ excludes(block int) bool }

// excludes reports whether p rules a block out.
func excludes(p predicate, block int) bool {
	e, ok := p.(excluder)
	return ok && e.excludes(block)
}

func (c *conjunction) excludes(block int) bool {
	for _, p := range c.parts {
		if excludes(p, block) {
			return true
		}
	}
	return false
}

func (d *disjunction) excludes(block int) bool {
	for _, p := range d.parts {
		if !excludes(p, block) {
			return false
		}
	}
	return true
}

func (c constant) excludes(int) bool { return !bool(c) }

func (p *baseLeaf) excludes(block int) bool { return !p.nulls && excludes(p.values, block) }

func (p *packedRange) excludes(block int) bool {
	none, all := p.zone(block)
	return none && !p.not || all && p.not
}

// zone says what the block's zone says of the range.
func (p *packedRange) zone(block int) (none, all bool) {
	if p.zones == nil {
		return false, false
	}
	return p.zones[block].Within(p.from, p.from+p.width)
}

func (p *packedSet) excludes(block int) bool {
	if p.zones == nil || p.not {
		return false
	}
	none, _ := p.zones[block].Within(p.first, p.last)
	return none
}

// zoned reports whether p can rule a block out at all.
func zoned(p predicate) bool {
	switch p := p.(type) {
	case *conjunction:
		return slices.ContainsFunc(p.parts, zoned)
	case *disjunction:
		return !slices.ContainsFunc(p.parts, func(p predicate) bool { return !zoned(p) })
	case constant:
		return !bool(p)
	case *baseLeaf:
		return !p.nulls && zoned(p.values)
	case *packedRange:
		return p.zones != nil
	case *packedSet:
		return p.zones != nil && !p.not
	}
	return false
}
