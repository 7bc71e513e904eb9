package streams

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/api/web"
	"github.com/tidemark/tidemark/views/query"
)

// Changes answers GET /v1/tables/{table}/changes with a stream of server-sent events
// (HTML Living Standard, section 9.2).
func (h *Handlers) Changes(c *web.Call) (web.Answer, error) {
	t, err := h.Tables.Ready(c.Path.Table)
	if err != nil {
		return web.Answer{}, err
	}
	if t.Changes == nil {
		return web.Answer{}, live.ErrUnavailable
	}
	if err := render.AcceptsEvents(c.R.Header); err != nil {
		return web.Answer{}, err
	}
	q, snapshot, err := query.ParseChanges(c.R.URL.RawQuery, t.Def)
	if err != nil {
		return web.Answer{}, err
	}
	if err := t.Await(c.R, c.W.Header(), c.Start); err != nil {
		return web.Answer{}, err
	}
	if err := comeBack(c, t); err != nil {
		return web.Answer{}, err
	}
	feed, snap, err := t.Changes.Follow(c.R.Context())
	if err != nil {
		return web.Answer{}, err
	}
	if c.R.Method == http.MethodHead {
		return web.Answer{ContentType: render.TypeEvents, Of: t, Snapshot: snap}, nil
	}
	s := &stream{sender: sender{h: h}, name: c.Path.Table, r: c.R, wantsRows: snapshot, resume: c.R.Header.Get("Last-Event-ID")}
	return web.Answer{ContentType: render.TypeEvents, Of: t, Snapshot: snap, Raw: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.of(t, q)
		defer s.leave()
		s.w, s.control = w, http.NewResponseController(w)
		s.run(feed, snap)
	})}, nil
}

// behindFor is how long a stream waits that comes from a process that was further.
const behindFor = 5 * time.Second

// comeBack waits until the table is where the client was, as far as it can be expected. The
// feed has then come there, too.
func comeBack(c *web.Call, t *live.Served) error {
	id, ok := ask.ParsePlaceID(c.R.Header.Get("Last-Event-ID"))
	if !ok {
		return nil
	}
	feed, _, err := t.Changes.Follow(c.R.Context())
	if err != nil || !isOf(id, feed) || feed.Reached().Reaches(id.At) {
		return err
	}
	wait := t.Progress.WaitPosition
	if id.Topic != "" {
		wait = t.Progress.WaitPlace
	}
	ctx, cancel := c.Until(behindFor)
	defer cancel()
	if err := wait(ctx, id.At); !errors.Is(err, context.DeadlineExceeded) || c.R.Context().Err() != nil {
		return err
	}
	return nil // it starts over
}
