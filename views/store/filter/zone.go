package filter

// An excluder knows blocks in which no row can meet it, without a look at the rows.
type Excluder interface {
	Excludes(block int) bool
	zoned() bool // it can rule a block out at all
}

// excludes reports whether p rules a block out.
func excludes(p Predicate, block int) bool {
	e, ok := p.(Excluder)
	return ok && e.Excludes(block)
}

// Zoned reports whether p can rule a block out at all.
func Zoned(p Predicate) bool {
	e, ok := p.(Excluder)
	return ok && e.zoned()
}
