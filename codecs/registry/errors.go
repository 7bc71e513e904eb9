package registry

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs"
)

// AwayError says that the registry cannot be asked. It wraps codecs.ErrUnavailable.
type AwayError struct {
	URL   string
	Cause error
}

// Error names the registry.
func (e *AwayError) Error() string {
	return fmt.Sprintf("the schema registry %s is away: %v", e.URL, e.Cause)
}

// Unwrap returns the cause and codecs.ErrUnavailable.
func (e *AwayError) Unwrap() []error { return []error{codecs.ErrUnavailable, e.Cause} }

func (c *Client) awayError(cause error) error {
	return &AwayError{URL: c.o.Settings.URL, Cause: cause}
}

// awayCause marks what is no answer to the question.
type awayCause struct{ error }

// Unwrap returns the cause.
func (e *awayCause) Unwrap() error { return e.error }
