package system

import (
	"io"
	"log/slog"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

// NewLogger returns the logger that a configuration asks for. Lines of one kind that
// repeat are counted and written every ten seconds.
func NewLogger(w io.Writer, c config.Log) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.Level}
	if c.JSON {
		return slog.New(newLogLimit(slog.NewJSONHandler(w, o), logEvery))
	}
	return slog.New(newLogLimit(slog.NewTextHandler(w, o), logEvery))
}

// flush writes what a logger of NewLogger has counted.
func flush(log *slog.Logger) {
	if h, is := log.Handler().(*logLimit); is {
		h.Flush()
	}
}
