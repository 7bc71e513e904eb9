package events

import (
	"log/slog"

	"github.com/tidemark/tidemark/hooks"
)

// AnswerCutOff says that an answer ended before it was whole.
type AnswerCutOff struct {
	ID   string // of the request, where the program itself is the cause
	Path string
	Err  error
}

// Line implements hooks.Event.
func (e AnswerCutOff) Line() hooks.Line {
	if e.ID == "" {
		return hooks.Debug("answer cut off", "path", e.Path, "error", e.Err)
	}
	return hooks.Error("answer cut off", "request_id", e.ID, "path", e.Path, "error", e.Err)
}

// RequestFailed says that a request was answered with a problem.
type RequestFailed struct {
	ID, Method, Path string
	Status           int
	Err              error
	Level            slog.Level // by who has to do something about it
}

// Line implements hooks.Event.
func (e RequestFailed) Line() hooks.Line {
	l := hooks.Debug("request not answered", "request_id", e.ID, "method", e.Method, "path", e.Path, "status", e.Status, "error", e.Err)
	l.Level = e.Level
	return l
}
