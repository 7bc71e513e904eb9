package progress

// stretch is of source offsets that a run reads again while its state is ahead of the
// changelog: what the state has newer is not written, so that before the end of the
// stretch the changelog has the rows of no offset in it. Nobody is told of one, and none is
// committed: whoever takes over begins at the beginning again.
type stretch struct{ from, until int64 }

// told returns what may be told of an offset.
func (s stretch) told(source int64) int64 {
	if source > s.from && source < s.until {
		return s.from
	}
	return source
}

// again is the stretch from an offset on. Where that is inside this one, nothing of this one has been told yet.
func (s stretch) again(from, until int64) stretch {
	return stretch{s.told(from), until}
}
