package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// maxWait bounds Tidemark-Wait.
const maxWait = 30 * time.Second

// wait holds the call until the table reflects what the client asked for.
func (c *call) wait(t *served) error {
	position, source := c.r.Header["Tidemark-Min-Position"], c.r.Header["Tidemark-Min-Source"]
	patience, err := c.patience()
	if err != nil || position == nil && source == nil {
		return err
	}
	ctx, cancel := c.until(patience)
	defer cancel()
	if position != nil {
		p, err := parseMinPosition(position)
		if err != nil {
			return badRequest("bad-header", "Tidemark-Min-Position", err.Error(), "")
		}
		if !t.Tide.Position(t.Reader.Snapshot()).Reaches(p) {
			if err := c.reached(t, patience, t.Tide.WaitPosition(ctx, p)); err != nil {
				return err
			}
		}
	}
	if source != nil {
		p, err := parseSource(strings.Join(source, ","))
		if err != nil {
			return badRequest("bad-header", "Tidemark-Min-Source", err.Error(), "")
		}
		return c.reached(t, patience, t.Tide.WaitSource(ctx, p))
	}
	return nil
}

// parseMinPosition reads a position, or the id of an event, which begins with one. Lines of one
// name are one list.
func parseMinPosition(lines []string) (tables.Position, error) {
	text := strings.Join(lines, ",")
	if source, ok := sourceOfID(text); ok {
		text = source
	}
	return tables.ParsePosition(text)
}

// patience reads Tidemark-Wait. Without it there is just time for a look.
func (c *call) patience() (time.Duration, error) {
	text := c.r.Header["Tidemark-Wait"]
	if text == nil {
		return time.Millisecond, nil
	}
	d, err := time.ParseDuration(text[0])
	if err != nil || d < 0 || d > maxWait {
		return 0, badRequest("bad-header", "Tidemark-Wait", "a time from 0s to 30s was expected, not "+query.Quote(text[0]), "write for example 500ms")
	}
	return max(d, time.Millisecond), nil
}

// reached tells a wait that ran out from one that failed.
func (c *call) reached(t *served, patience time.Duration, err error) error {
	if !errors.Is(err, context.DeadlineExceeded) || c.r.Context().Err() != nil {
		return err
	}
	snap := t.Reader.Snapshot()
	t.set(c.w.Header(), snap, c.start.Add(patience))
	p := &Problem{
		Kind: "position-not-reached", Title: "The position is not reached", Status: http.StatusPreconditionFailed,
		Detail: "the table did not reach the position within " + patience.String(), Position: t.Tide.Position(snap).String(),
	}
	if at, ok := t.Tide.Source(); ok {
		if p.Source = sourceText(at); p.Source != "" {
			c.w.Header()["Tidemark-Source"] = []string{p.Source}
		}
	}
	if patience < maxWait {
		p.Hint = "Tidemark-Wait lets the read wait for it, up to 30s"
	}
	return p
}
