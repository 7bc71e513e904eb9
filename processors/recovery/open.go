package recovery

import (
	"errors"

	"github.com/tidemark/tidemark/processors/state"
)

// Span returns the oldest offset of the changelog and the one behind its end.
type Span func() (oldest, end int64, err error)

// OpenState opens a partition's state, once none is left whose position cannot be one of the changelog.
func OpenState(o state.Options, changelog Span) (*state.Store, error) {
	s, err := state.Open(o)
	if err != nil {
		return nil, err
	}
	reason := outOfRange(s.Position(), changelog)
	if reason == nil {
		return s, nil
	}
	if err := errors.Join(s.Close(), state.Quarantine(o, reason)); err != nil {
		return nil, err
	}
	return state.Open(o)
}

// outOfRange says why a state's position cannot belong to the changelog as it is.
func outOfRange(position int64, changelog Span) error {
	if position == state.Unknown {
		return nil
	}
	oldest, end, err := changelog()
	switch {
	case err != nil:
		return nil // who reads the changelog asks again, and fails with the error
	case position >= end:
		return &state.UnfitError{Why: "the changelog is shorter than it was"}
	case position+1 < oldest:
		return &state.UnfitError{Why: "the changelog no longer has what follows it"}
	}
	return nil
}
