package system

import (
	"io"
	"log/slog"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

// NewLogger returns the logger that a configuration asks for.
func NewLogger(w io.Writer, c config.Log) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.Level}
	if c.JSON {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
