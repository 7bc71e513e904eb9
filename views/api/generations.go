package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// Generations are how a table is built anew beside itself. The one that is read
// stays as it is until the next one has come as far.
type Generations interface {
	Generation() Generation
	// Replay asks for the next generation. The error is an *api.Conflict when it cannot be.
	Replay(ctx context.Context, r Replay) (generation int, err error)
}

// Generation is which one is read, what is built beside it, and how the last build ended.
type Generation struct {
	Number int
	Build  *Build
	Last   *Outcome
}

// Build is a generation that is being built.
type Build struct {
	Generation  int
	Why         string // definition or replay
	Phase       string
	Started     time.Time
	Done, Total int64  // records read of those that there are to be read
	Note        string // what it waits for; may be empty
}

// Outcome is how a build ended.
type Outcome struct {
	Generation           int
	Why                  string
	Started, Ended       time.Time
	Rows, Adopted, Swept int64
	Failure              string // why the table is still the one before; empty when it is not
}

// Replay is what a replay is asked to do. At most one of Time and Offsets is given;
// with neither it begins at the earliest record.
type Replay struct {
	Time    time.Time
	Offsets tables.Position
	Sweep   bool // remove the rows that the source no longer has
	// Restart gives up a replay that is under way; without it there is a conflict.
	Restart bool
	// Declared takes the definition that the process itself was given, where another
	// one is read.
	Declared bool
}

// Conflict says why a table cannot be built anew as it was asked for.
type Conflict struct{ Detail, Hint string }

// Error implements error.
func (c *Conflict) Error() string { return c.Detail }

// ErrReplaced is returned by a wait on a table whose next generation is read now:
// the request is answered from that one.
var ErrReplaced = errors.New("another generation is read now")

// Replace lets requests from now on see another generation of a table, all of it at
// once. Those that have begun go on with what they saw.
func (a *API) Replace(t *Table) error {
	if t == nil || t.incomplete() {
		return errors.New("replace a table: it is incomplete")
	}
	slot, ok := a.tables[t.Table.Name]
	if !ok {
		return fmt.Errorf("replace table %s: there is none", t.Table.Name)
	}
	a.replacing.Lock()
	defer a.replacing.Unlock()
	slot.Store(newServed(t))
	a.describeAll()
	return nil
}

// describeAll makes the OpenAPI document of the tables as they are.
func (a *API) describeAll() {
	document := a.openAPI()
	a.openapi.Store(&document)
}

// replay answers POST /v1/tables/{table}/replay: 202 with the generation's number.
func (a *API) replay(c *call) (answer, error) {
	t, err := a.named(c)
	if err != nil {
		return answer{}, err
	}
	r, err := parseReplay(c.r.URL.RawQuery)
	if err != nil {
		return answer{}, err
	}
	if t.Generations == nil {
		return answer{}, &Problem{
			Kind: "replay-refused", Title: "The table cannot be replayed like this", Status: http.StatusConflict,
			Detail: "the table " + t.def.Name + " is never built anew by itself", Hint: "replay the table that it is made of",
		}
	}
	ctx, cancel := c.until(slowest)
	defer cancel()
	n, err := t.Generations.Replay(ctx, r)
	if refused := new(Conflict); errors.As(err, &refused) {
		return answer{}, &Problem{
			Kind: "replay-refused", Title: "The table cannot be replayed like this", Status: http.StatusConflict,
			Detail: refused.Detail, Hint: refused.Hint,
		}
	}
	if err != nil {
		return answer{}, fmt.Errorf("replay %s: %w: %w", t.def.Name, ErrUnavailable, err)
	}
	c.body = appendInt(append(c.body, `{"generation":`...), int64(n))
	return answer{
		status: http.StatusAccepted, contentType: typeJSON, location: "/v1/tables/" + t.def.Name, body: append(c.body, '}', '\n'),
	}, nil
}

func parseReplay(raw string) (Replay, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return Replay{}, badRequest(string(query.BadParameter), "from", "the parameters are not percent-encoded as a URL's are", "")
	}
	var r Replay
	for name := range values {
		switch name {
		case "from":
			if err := r.from(values.Get(name)); err != nil {
				return Replay{}, err
			}
		case "sweep", "restart", "declared":
			v, err := strconv.ParseBool(values.Get(name))
			if err != nil {
				return Replay{}, badRequest(string(query.BadParameter), name, "true or false was expected, not "+query.Quote(values.Get(name)), "")
			}
			*map[string]*bool{"sweep": &r.Sweep, "restart": &r.Restart, "declared": &r.Declared}[name] = v
		default:
			return Replay{}, badRequest(string(query.UnknownParameter), name, query.Quote(name)+" is no parameter here",
				"the parameters are from, sweep, restart and declared")
		}
	}
	return r, nil
}

// from reads where a replay begins: earliest, a time, or an offset for each partition.
func (r *Replay) from(text string) error {
	if text == "" || text == "earliest" {
		return nil
	}
	bad := badRequest(string(query.BadParameter), "from", "earliest, a time or offsets were expected, not "+query.Quote(text),
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

// appendGeneration appends which generation is read, as a member of an object.
func appendGeneration(dst []byte, g Generation) []byte {
	dst = appendInt(append(dst, `,"generation":{"number":`...), int64(g.Number))
	if b := g.Build; b != nil {
		dst = appendInt(append(dst, `,"build":{"generation":`...), int64(b.Generation))
		dst = tables.AppendJSONString(append(dst, `,"why":`...), b.Why)
		dst = tables.AppendJSONString(append(dst, `,"phase":`...), b.Phase)
		dst = appendTime(append(dst, `,"started":`...), b.Started)
		dst = appendInt(append(dst, `,"done":`...), b.Done)
		dst = appendInt(append(dst, `,"total":`...), b.Total)
		if b.Note != "" {
			dst = tables.AppendJSONString(append(dst, `,"note":`...), b.Note)
		}
		dst = append(dst, '}')
	}
	if l := g.Last; l != nil {
		dst = appendInt(append(dst, `,"last":{"generation":`...), int64(l.Generation))
		dst = tables.AppendJSONString(append(dst, `,"why":`...), l.Why)
		dst = appendTime(append(dst, `,"started":`...), l.Started)
		dst = appendTime(append(dst, `,"ended":`...), l.Ended)
		dst = appendInt(append(dst, `,"rows":`...), l.Rows)
		dst = appendInt(append(dst, `,"adopted":`...), l.Adopted)
		dst = appendInt(append(dst, `,"swept":`...), l.Swept)
		if l.Failure != "" {
			dst = tables.AppendJSONString(append(dst, `,"failure":`...), l.Failure)
		}
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

func appendTime(dst []byte, at time.Time) []byte {
	dst = tables.AppendTimestamp(append(dst, '"'), at.UnixMicro())
	return append(dst, '"')
}
