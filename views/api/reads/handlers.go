package reads

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/tidemark/tidemark/views/api/live"
)

// Options are what the handlers work with. None has a default here.
type Options struct {
	Tables    *live.Tables
	QueryTime time.Duration   // how long the rows of one page may be looked for
	Stopping  context.Context // ends waits for another answer
	Random    io.Reader       // where the key of the cursors comes from
}

// Handlers answer reads of rows.
type Handlers struct {
	Options
	cursors *cursors
}

// New returns the handlers.
func New(o Options) (*Handlers, error) {
	c, err := newCursors(o.Random)
	if err != nil {
		return nil, fmt.Errorf("make a key for cursors: %w", err)
	}
	return &Handlers{Options: o, cursors: c}, nil
}
