package api

import (
	"net/http"
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/api/web"
)

// livez answers GET /livez: the process serves.
func (a *API) livez(c *web.Call) (web.Answer, error) {
	c.Body = append(c.Body, `{"live":true}`+"\n"...)
	return web.Answer{ContentType: render.TypeJSON, Body: c.Body}, nil
}

// readyz answers GET /readyz: 200 when every table can be read and continues, else
// 503, with the progress of each.
func (a *API) readyz(c *web.Call) (web.Answer, error) {
	all := true
	c.Body = append(c.Body, `{"tables":[`...)
	for i, name := range a.tables.Names() {
		t := a.tables.At(name)
		s, f := t.Progress.Status(), t.Progress.Freshness(t.Reader.Snapshot())
		ready := t.Progress.Ready() && !s.Refused && !s.Health.Misleads
		all = all && ready
		if i > 0 {
			c.Body = append(c.Body, ',')
		}
		c.Body = tables.AppendJSONString(append(c.Body, `{"name":`...), name)
		c.Body = render.AppendBool(append(c.Body, `,"ready":`...), ready)
		c.Body = render.AppendInt(append(c.Body, `,"done":`...), s.Done)
		c.Body = render.AppendInt(append(c.Body, `,"total":`...), s.Total)
		c.Body = tables.AppendJSONString(append(c.Body, `,"freshness":`...), string(f.State))
		c.Body = render.AppendInt(append(c.Body, `,"age_ms":`...), f.Age.Milliseconds())
		c.Body = render.AppendInt(append(c.Body, `,"rows":`...), t.Reader.Snapshot().Rows())
		c.Body = appendHealth(c.Body, &s.Health)
		if s.Note != "" {
			c.Body = tables.AppendJSONString(append(c.Body, `,"note":`...), s.Note)
		}
		if t.Generations != nil {
			c.Body = appendGeneration(c.Body, t.Generations.Generation())
		}
		c.Body = append(c.Body, '}')
	}
	c.Body = append(render.AppendBool(append(c.Body, `],"ready":`...), all), '}', '\n')
	ans := web.Answer{ContentType: render.TypeJSON, Body: c.Body}
	if !all {
		ans.Status = http.StatusServiceUnavailable
	}
	return ans, nil
}

// appendHealth appends what is wrong with a table, and what was counted of it, as
// members of an object.
func appendHealth(dst []byte, h *tables.Health) []byte {
	dst = tables.AppendJSONString(append(dst, `,"state":`...), string(h.State()))
	dst = append(dst, `,"reasons":[`...)
	for i, t := range h.Troubles {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = tables.AppendJSONString(dst, string(t.Reason))
	}
	dst = append(dst, ']')
	if len(h.Troubles) > 0 {
		dst = append(dst, `,"details":{`...)
		for i, t := range h.Troubles {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(tables.AppendJSONString(dst, string(t.Reason)), ':')
			dst = tables.AppendJSONString(dst, strings.ReplaceAll(t.Text, "\n", "; "))
		}
		dst = append(dst, '}')
	}
	dst = render.AppendInt(append(dst, `,"dead_letters":`...), h.DeadLetters)
	dst = render.AppendInt(append(dst, `,"skipped":`...), h.Skipped)
	return render.AppendInt(append(dst, `,"unsettled_keys":`...), h.Unsettled)
}

// appendGeneration appends which generation is read, as a member of an object.
func appendGeneration(dst []byte, g live.Generation) []byte {
	dst = render.AppendInt(append(dst, `,"generation":{"number":`...), int64(g.Number))
	if b := g.Build; b != nil {
		dst = render.AppendInt(append(dst, `,"build":{"generation":`...), int64(b.Generation))
		dst = tables.AppendJSONString(append(dst, `,"why":`...), b.Why)
		dst = tables.AppendJSONString(append(dst, `,"phase":`...), b.Phase)
		dst = render.AppendTime(append(dst, `,"started":`...), b.Started)
		dst = render.AppendInt(append(dst, `,"done":`...), b.Done)
		dst = render.AppendInt(append(dst, `,"total":`...), b.Total)
		if b.Note != "" {
			dst = tables.AppendJSONString(append(dst, `,"note":`...), b.Note)
		}
		dst = append(dst, '}')
	}
	if l := g.Last; l != nil {
		dst = render.AppendInt(append(dst, `,"last":{"generation":`...), int64(l.Generation))
		dst = tables.AppendJSONString(append(dst, `,"why":`...), l.Why)
		dst = render.AppendTime(append(dst, `,"started":`...), l.Started)
		dst = render.AppendTime(append(dst, `,"ended":`...), l.Ended)
		dst = render.AppendInt(append(dst, `,"rows":`...), l.Rows)
		dst = render.AppendInt(append(dst, `,"adopted":`...), l.Adopted)
		dst = render.AppendInt(append(dst, `,"swept":`...), l.Swept)
		if l.Failure != "" {
			dst = tables.AppendJSONString(append(dst, `,"failure":`...), l.Failure)
		}
		dst = append(dst, '}')
	}
	return append(dst, '}')
}
