package recovery

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
)

// IsStale reports whether the key's row, or its deletion, comes from a later source record
// than a row or a tombstone of the changelog.
func (v *Recovery) IsStale(key string, stamp int64, row bool) (bool, error) {
	b, err := v.state.Get(key)
	if err != nil {
		return false, err
	}
	if b != nil {
		s, err := wire.ParseStateRow(b)
		if err != nil {
			return false, nil //nolint:nilerr // an unreadable row is newer than nothing
		}
		return s.Offset > stamp, nil
	}
	t, ok, err := v.state.Tomb(key)
	return ok && (t.Offset > stamp || cameBack(&t, stamp, row)), err
}

// cameBack reports whether a record of the changelog is the row that was given up, written
// once more by a writer that had lost the partition.
func cameBack(t *state.Tomb, stamp int64, row bool) bool {
	return row && t.Offset == stamp && wire.IsGivenUp(t.Deletion)
}

// mayComeBack reports whether a record of the newest stamp may be a row that was given up.
// Adopted rows have one stamp, too, and cost no look.
func (v *Recovery) mayComeBack(stamp int64) bool {
	return stamp == v.newestStamp && (v.GaveUpAt(stamp) || !v.fresh)
}

// GaveUpAt reports whether a stamp is the highest one of the rows given up so far. For a lower
// stamp the newest stamp decides.
func (v *Recovery) GaveUpAt(stamp int64) bool {
	return stamp == v.topGivenUp && stamp != state.Unknown
}
