package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/problem"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/api/web"
	"github.com/tidemark/tidemark/views/query"
)

// replay answers POST /v1/tables/{table}/replay: 202 with the generation's number.
func (a *API) replay(c *web.Call) (web.Answer, error) {
	t, err := a.tables.Named(c.Path.Table)
	if err != nil {
		return web.Answer{}, err
	}
	r, err := parseReplay(c.R.URL.RawQuery)
	if err != nil {
		return web.Answer{}, err
	}
	if t.Generations == nil {
		return web.Answer{}, &problem.Details{
			Kind: "replay-refused", Title: "The table cannot be replayed like this", Status: http.StatusConflict,
			Detail: "the table " + t.Def.Name + " is never built anew by itself", Hint: "replay the table that it is made of",
		}
	}
	ctx, cancel := c.Until(web.Slowest)
	defer cancel()
	n, err := t.Generations.Replay(ctx, r)
	if refused := new(live.Conflict); errors.As(err, &refused) {
		return web.Answer{}, &problem.Details{
			Kind: "replay-refused", Title: "The table cannot be replayed like this", Status: http.StatusConflict,
			Detail: refused.Detail, Hint: refused.Hint,
		}
	}
	if err != nil {
		return web.Answer{}, fmt.Errorf("replay %s: %w: %w", t.Def.Name, live.ErrUnavailable, err)
	}
	c.Body = render.AppendInt(append(c.Body, `{"generation":`...), int64(n))
	return web.Answer{
		Status: http.StatusAccepted, ContentType: render.TypeJSON, Location: "/v1/tables/" + t.Def.Name, Body: append(c.Body, '}', '\n'),
	}, nil
}

func parseReplay(raw string) (live.Replay, error) {
	var r live.Replay
	values, err := ask.Only(raw, "from", "sweep", "restart", "declared")
	if err != nil {
		return r, err
	}
	if err := replayFrom(&r, values.Get("from")); err != nil {
		return live.Replay{}, err
	}
	for name, v := range map[string]*bool{"sweep": &r.Sweep, "restart": &r.Restart, "declared": &r.Declared} {
		if err := ask.Bool(values, name, v); err != nil {
			return live.Replay{}, err
		}
	}
	return r, nil
}

// replayFrom reads where a replay begins: earliest, a time, or an offset for each partition.
func replayFrom(r *live.Replay, text string) error {
	if text == "" || text == "earliest" {
		return nil
	}
	bad := problem.BadRequest(string(query.BadParameter), "from", "earliest, a time or offsets were expected, not "+query.Quote(text),
		"write for example from=2026-11-01T00:00:00Z or from=0:1204,1:998")
	if strings.Contains(text, "T") || strings.Contains(text, "-") {
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return bad
		}
		r.Time = at.UTC()
		return nil
	}
	offsets, err := tables.ParsePosition(text)
	if err != nil || len(offsets) == 0 {
		return bad
	}
	r.Offsets = offsets
	return nil
}
