package progress

// stretch is of source offsets that a run reads again while its state is ahead of the
// changelog: what the state has newer is not written, so that before the end of the
// stretch the changelog has the rows of no offset in it. No such offset is reported, and none is
// committed: the next owner begins at the beginning again.
type stretch struct{ from, until int64 }

// reportable returns the offset that may be reported for an offset that is done.
func (s stretch) reportable(source int64) int64 {
	if source > s.from && source < s.until {
		return s.from
	}
	return source
}

// again is the stretch from an offset on. Where that is inside this one, nothing of this one has been reported yet.
func (s stretch) again(from, until int64) stretch {
	return stretch{s.reportable(from), until}
}
