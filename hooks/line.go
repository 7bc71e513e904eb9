package hooks

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Line is an event as a line of the log.
type Line struct {
	Level   slog.Level
	Message string
	Attrs   []any // as slog takes them: names and values by turns
}

// Debug returns a line for who looks for a fault in the program.
func Debug(message string, attrs ...any) Line { return Line{slog.LevelDebug, message, attrs} }

// Info returns a line of something that is as it should be.
func Info(message string, attrs ...any) Line { return Line{slog.LevelInfo, message, attrs} }

// Warn returns a line of something that the program gets over by itself.
func Warn(message string, attrs ...any) Line { return Line{slog.LevelWarn, message, attrs} }

// Error returns a line of something that somebody should look at.
func Error(message string, attrs ...any) Line { return Line{slog.LevelError, message, attrs} }

// String returns the line without what is measured: times and durations. So a sequence of
// events reads the same in each run.
func (l Line) String() string {
	var out strings.Builder
	out.WriteString(l.Level.String() + " " + l.Message)
	for i := 0; i+1 < len(l.Attrs); i += 2 {
		switch v := l.Attrs[i+1].(type) {
		case time.Time, time.Duration:
		case string:
			fmt.Fprintf(&out, " %s=%q", l.Attrs[i], v)
		default:
			fmt.Fprintf(&out, " %s=%v", l.Attrs[i], v)
		}
	}
	return out.String()
}

// Log returns a func that writes events to a log.
func Log(logger *slog.Logger) func(Event) {
	return func(e Event) {
		l := e.Line()
		logger.Log(context.Background(), l.Level, l.Message, l.Attrs...)
	}
}
