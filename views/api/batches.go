package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/api/web"
	"github.com/tidemark/tidemark/views/query"
)

// maxBatchWait bounds ?wait= of POST batches.
const maxBatchWait = 5 * time.Minute

// batches answers GET /v1/tables/{table}/batches.
func (a *API) batches(c *web.Call) (web.Answer, error) {
	t, err := a.tables.Named(c.Path.Table)
	if err != nil {
		return web.Answer{}, err
	}
	if err := ask.None(c.R.URL.RawQuery); err != nil {
		return web.Answer{}, err
	}
	if err := render.AcceptsJSON(c.R.Header); err != nil {
		return web.Answer{}, err
	}
	list := t.Batches.List()
	c.Body = append(c.Body, `{"data":[`...)
	for i, b := range list {
		if i > 0 {
			c.Body = append(c.Body, ',')
		}
		c.Body = appendBatch(c.Body, b)
	}
	c.Body = append(c.Body, `],"rows":`...)
	c.Body = append(render.AppendInt(c.Body, int64(len(list))), '}', '\n')
	return web.Answer{ContentType: render.TypeJSON, Of: t, Snapshot: t.Reader.Snapshot(), Body: c.Body}, nil
}

func appendBatch(dst []byte, b live.Batch) []byte {
	dst = append(dst, `{"batch":`...)
	dst = strconv.AppendUint(dst, b.ID, 10)
	dst = append(dst, `,"cut":{`...)
	for p, o := range b.Cut {
		if p > 0 {
			dst = append(dst, ',')
		}
		dst = append(render.AppendInt(append(dst, '"'), int64(p)), `":`...)
		dst = render.AppendInt(dst, o)
	}
	dst = render.AppendInt(append(dst, `},"rows":`...), b.Rows)
	dst = render.AppendInt(append(dst, `,"changed":`...), b.Changed)
	dst = fmt.Appendf(dst, `,"checksum":"%016x","started":"`, b.Checksum)
	dst = tables.AppendTimestamp(dst, b.Started.UnixMicro())
	dst = render.AppendInt(append(dst, `","took_ms":`...), b.Took.Milliseconds())
	if b.Bytes > 0 { // else its file is still being written
		dst = render.AppendInt(append(dst, `,"bytes":`...), b.Bytes)
	}
	return append(dst, '}')
}

// takeBatch answers POST /v1/tables/{table}/batches: 202 with the batch's id, or
// with ?wait= 201 and the batch when it is complete in that time, else 202.
func (a *API) takeBatch(c *web.Call) (web.Answer, error) {
	t, err := a.tables.Named(c.Path.Table)
	if err != nil {
		return web.Answer{}, err
	}
	patience, err := batchWait(c.R.URL.RawQuery)
	if err != nil {
		return web.Answer{}, err
	}
	ctx, cancel := c.Until(max(patience, web.Slowest))
	defer cancel()
	id, err := t.Batches.Take(ctx)
	if err != nil {
		return web.Answer{}, fmt.Errorf("take a batch of %s: %w: %w", t.Def.Name, live.ErrUnavailable, err)
	}
	ans := web.Answer{Status: http.StatusAccepted, ContentType: render.TypeJSON, Location: "/v1/tables/" + t.Def.Name + "/batches"}
	if patience > 0 {
		_ = http.NewResponseController(c.W).SetWriteDeadline(time.Now().Add(patience + web.Slowest)) // a writer without deadlines needs none
		waited, stop := c.Until(patience)
		defer stop()
		b, err := t.Batches.Wait(waited, id)
		if err == nil && b.Bytes == 0 { // it counts from when it is in memory; its file follows
			if _, err := t.Batches.File(waited, id); err == nil {
				if whole, err := t.Batches.Wait(waited, id); err == nil {
					b = whole
				}
			}
		}
		if err == nil {
			ans.Status, ans.Location = http.StatusCreated, ans.Location+"/"+strconv.FormatUint(b.ID, 10)+".parquet"
			ans.Body = append(appendBatch(c.Body, b), '\n')
			return ans, nil
		}
		if !errors.Is(err, context.DeadlineExceeded) || c.R.Context().Err() != nil {
			return web.Answer{}, fmt.Errorf("wait for batch %d of %s: %w", id, t.Def.Name, err)
		}
	}
	c.Body = strconv.AppendUint(append(c.Body, `{"batch":`...), id, 10)
	ans.Body = append(c.Body, `,"complete":false}`+"\n"...)
	return ans, nil
}

func batchWait(raw string) (time.Duration, error) {
	values, err := ask.Only(raw, "wait")
	if err != nil || values.Get("wait") == "" {
		return 0, err
	}
	return ask.Duration(values.Get("wait"), maxBatchWait, string(query.BadParameter), "wait", "wait=30s")
}
