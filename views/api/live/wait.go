package live

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/problem"
)

// Await holds a request, which began at start, until the table reflects what the client asked
// for. The headers are those of the answer: they say how far the table came.
func (t *Served) Await(r *http.Request, h http.Header, start time.Time) error {
	position, source := r.Header["Tidemark-Min-Position"], r.Header["Tidemark-Min-Source"]
	patience, err := ask.Patience(r.Header)
	if err != nil || position == nil && source == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	if position != nil {
		p, err := ask.MinPosition(r.Header)
		if err != nil {
			return err
		}
		if !t.Progress.Position(t.Reader.Snapshot()).Reaches(p) {
			err = t.Progress.WaitPosition(ctx, p)
			if ranOut(r, err) {
				return t.notReached(h, start, patience)
			}
			if err != nil {
				return err
			}
		}
	}
	if source == nil {
		return nil
	}
	p, err := ask.MinSource(r.Header)
	if err != nil {
		return err
	}
	err = t.Progress.WaitSource(ctx, p)
	if ranOut(r, err) {
		return t.notReached(h, start, patience)
	}
	return err
}

// ranOut distinguishes a wait that timed out from one that failed, or that the client gave up.
func ranOut(r *http.Request, err error) bool {
	return errors.Is(err, context.DeadlineExceeded) && r.Context().Err() == nil
}

// notReached says how far the table came in the time that the client gave it.
func (t *Served) notReached(h http.Header, start time.Time, patience time.Duration) error {
	snap := t.Reader.Snapshot()
	t.SetHeaders(h, snap, start.Add(patience))
	p := &problem.Details{
		Kind: "position-not-reached", Title: "The position is not reached", Status: http.StatusPreconditionFailed,
		Detail: "the table did not reach the position within " + patience.String(), Position: t.Progress.Position(snap).String(),
	}
	if at, ok := t.Progress.Source(); ok {
		if p.Source = ask.SourceText(at); p.Source != "" {
			h["Tidemark-Source"] = []string{p.Source}
		}
	}
	if patience < ask.MaxWait {
		p.Hint = "Tidemark-Wait lets the read wait for it, up to 30s"
	}
	return p
}
