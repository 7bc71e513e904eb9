package adapters

import (
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/cmd/tidemark/rollout"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/api/live"
)

// known gives an error of the view the name that the API answers by.
func known(err error) error {
	switch {
	case errors.Is(err, views.ErrNoBatch):
		return fmt.Errorf("%w: %w", live.ErrNoBatch, err)
	case errors.Is(err, views.ErrUnavailable):
		return fmt.Errorf("%w: %w", live.ErrUnavailable, err)
	}
	return replaced(err)
}

// replaced is known of a wait, which ends when readers see another generation.
func replaced(err error) error {
	if errors.Is(err, rollout.ErrReplaced) {
		return fmt.Errorf("%w: %w", live.ErrReplaced, err)
	}
	return err
}
