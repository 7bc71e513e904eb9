package api

import (
	"net/http"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// livez answers GET /livez: the process serves.
func (a *API) livez(c *call) (answer, error) {
	c.body = append(c.body, `{"live":true}`+"\n"...)
	return answer{contentType: typeJSON, body: c.body}, nil
}

// readyz answers GET /readyz: 200 when every table can be read and goes on, else
// 503, with the progress of each.
func (a *API) readyz(c *call) (answer, error) {
	all := true
	c.body = append(c.body, `{"tables":[`...)
	for i, name := range a.names {
		t := a.at(name)
		s, f := t.Tide.Status(), t.Tide.Freshness(t.Reader.Snapshot())
		ready := t.Tide.Ready() && !s.Refused && !s.Health.Misleads
		all = all && ready
		if i > 0 {
			c.body = append(c.body, ',')
		}
		c.body = tables.AppendJSONString(append(c.body, `{"name":`...), name)
		c.body = appendBool(append(c.body, `,"ready":`...), ready)
		c.body = appendInt(append(c.body, `,"done":`...), s.Done)
		c.body = appendInt(append(c.body, `,"total":`...), s.Total)
		c.body = tables.AppendJSONString(append(c.body, `,"freshness":`...), string(f.State))
		c.body = appendInt(append(c.body, `,"age_ms":`...), f.Age.Milliseconds())
		c.body = appendInt(append(c.body, `,"rows":`...), t.Reader.Snapshot().Rows())
		c.body = appendHealth(c.body, &s.Health)
		if s.Note != "" {
			c.body = tables.AppendJSONString(append(c.body, `,"note":`...), s.Note)
		}
		if t.Generations != nil {
			c.body = appendGeneration(c.body, t.Generations.Generation())
		}
		c.body = append(c.body, '}')
	}
	c.body = append(appendBool(append(c.body, `],"ready":`...), all), '}', '\n')
	ans := answer{contentType: typeJSON, body: c.body}
	if !all {
		ans.status = http.StatusServiceUnavailable
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
	dst = appendInt(append(dst, `,"dead_letters":`...), h.DeadLetters)
	dst = appendInt(append(dst, `,"skipped":`...), h.Skipped)
	return appendInt(append(dst, `,"unsettled_keys":`...), h.Unsettled)
}
