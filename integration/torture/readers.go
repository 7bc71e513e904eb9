package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// reader asks one process all kinds of questions.
type reader struct {
	plan    plan
	client  *harness.Client
	name    string
	load    *workload
	dice    *rand.Rand
	answers *answers
}

// answers collects what all readers were told.
type answers struct {
	mu  sync.Mutex
	all []*answer
	// broken are answers that are wrong whatever the history says.
	broken []string
	other  map[int]int // statuses that are no answers
}

func (a *answers) add(x *answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, x)
}

func (a *answers) wrong(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.broken = append(a.broken, fmt.Sprintf(format, args...))
}

func (a *answers) status(code int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.other[code]++
}

func (r *reader) run(ctx context.Context) {
	questions := []func() error{r.one, r.one, r.one, r.unchanged, r.written, r.list, r.walk, r.aggregate, r.rollup}
	for ctx.Err() == nil {
		if err := questions[r.dice.IntN(len(questions))](); err != nil {
			r.answers.wrong("%s: %v", r.name, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(r.dice.IntN(15)) * time.Millisecond):
		}
	}
}

// page is the body of a list.
type page struct {
	Data []json.RawMessage
	Next string
}

// ask returns the answer's headers and body; nil where the process is away or has none to give.
func (r *reader) ask(path string, headers ...string) (*answer, harness.Answer, error) {
	asked := time.Now()
	res, err := r.client.Do("GET", path, "", headers...)
	if err != nil {
		return nil, res, nil //nolint:nilerr // killed, paused or not there yet
	}
	switch res.Status {
	case http.StatusOK, http.StatusNotFound, http.StatusNotModified:
	case http.StatusServiceUnavailable, http.StatusPreconditionFailed, http.StatusGone, http.StatusTooManyRequests:
		r.answers.status(res.Status)
		return nil, res, nil
	default:
		return nil, res, fmt.Errorf("%s: %d: %.300s", path, res.Status, res.Body)
	}
	text := res.Header.Get("Tidemark-Position")
	if text == "" && res.Status == http.StatusNotFound { // there is no such table yet
		r.answers.status(res.Status)
		return nil, res, nil
	}
	at, err := parsePosition(text)
	state, _, _ := strings.Cut(res.Header.Get("Tidemark-Freshness"), ";")
	return &answer{asked: asked, process: r.name, at: at, state: state}, res, err
}

func (r *reader) one() error {
	key := int64(r.dice.IntN(r.plan.keys))
	path := fmt.Sprintf("/v1/tables/t/rows/%d", key)
	document := r.plan.document && r.dice.IntN(2) == 0
	if document {
		path += "?document=true"
	}
	a, res, err := r.ask(path)
	if a == nil || err != nil {
		return err
	}
	a.what, a.key = "row", key
	if res.Status == http.StatusOK {
		err = a.take(res.Body, document)
	}
	r.answers.add(a)
	return err
}

func (a *answer) take(body []byte, document bool) error {
	var x struct {
		row
		Document json.RawMessage
	}
	if err := json.Unmarshal(body, &x); err != nil {
		return err
	}
	a.row = &x.row
	if document {
		a.document = x.Document
	}
	return nil
}

// unchanged asks twice for a row, the second time only if it is another one.
func (r *reader) unchanged() error {
	key := int64(r.dice.IntN(10))
	path := fmt.Sprintf("/v1/tables/t/rows/%d", key)
	first, res, err := r.ask(path)
	if first == nil || err != nil || res.Status != http.StatusOK {
		return err
	}
	tag := res.Header.Get("ETag")
	a, res, err := r.ask(path, "If-None-Match", tag)
	if a == nil || err != nil {
		return err
	}
	a.key, a.what = key, "304"
	if res.Status == http.StatusNotModified {
		a.since = first.at
	} else if a.what = "row"; res.Status == http.StatusOK {
		err = a.take(res.Body, false)
	}
	r.answers.add(a)
	return err
}

// written waits for what the workload has just written.
func (r *reader) written() error {
	k, ok := r.load.newest()
	if !ok {
		return nil
	}
	key := int64(r.dice.IntN(10))
	least := fmt.Sprintf("%d:%d", k.partition, k.offset+1)
	a, res, err := r.ask(fmt.Sprintf("/v1/tables/t/rows/%d", key), "Tidemark-Min-Position", least, "Tidemark-Wait", "2s")
	if a == nil || err != nil {
		return err
	}
	a.what, a.key, a.least = "min-position", key, position{k.partition: k.offset + 1}
	if res.Status == http.StatusOK {
		err = a.take(res.Body, false)
	}
	r.answers.add(a)
	return err
}

func (r *reader) list() error {
	path := "/v1/tables/t/rows?limit=10000&order=id"
	document := r.plan.document && r.dice.IntN(3) == 0
	if document {
		path += "&document=true"
	}
	a, res, err := r.ask(path)
	if a == nil || err != nil {
		return err
	}
	a.what, a.rows = "list", []*row{}
	if _, err := r.collect(a, res, document); err != nil {
		return err
	}
	r.answers.add(a)
	return nil
}

// walk reads all pages of a cursor: they are of one instant.
func (r *reader) walk() error {
	path := fmt.Sprintf("/v1/tables/t/rows?limit=%d&order=id", 20+r.dice.IntN(100))
	a, res, err := r.ask(path)
	if a == nil || err != nil {
		return err
	}
	a.what, a.rows = "walk", []*row{}
	for {
		next, err := r.collect(a, res, false)
		if err != nil {
			return err
		}
		if next == "" {
			r.answers.add(a)
			return nil
		}
		var p *answer
		if p, res, err = r.ask(path + "&cursor=" + url.QueryEscape(next)); p == nil || err != nil {
			return err // the process ended, or the instant is gone
		}
		if !p.at.reaches(a.at) || !a.at.reaches(p.at) {
			return fmt.Errorf("a page of a cursor is at %v, the first at %v", p.at, a.at)
		}
	}
}

func (r *reader) collect(a *answer, res harness.Answer, document bool) (next string, err error) {
	if res.Status != http.StatusOK {
		return "", fmt.Errorf("a list is answered %d", res.Status)
	}
	var p page
	if err := json.Unmarshal(res.Body, &p); err != nil {
		return "", err
	}
	for _, b := range p.Data {
		var one answer
		if err := one.take(b, document); err != nil {
			return "", err
		}
		if err := checkDocument(one.document, one.row); err != nil {
			return "", err
		}
		a.rows = append(a.rows, one.row)
	}
	return p.Next, nil
}

func (r *reader) aggregate() error {
	return r.grouped("aggregate", "/v1/tables/t/rows?select=s,c:count(),total:v.sum()")
}

func (r *reader) rollup() error {
	if !r.plan.rollup {
		return nil
	}
	return r.grouped("rollup", "/v1/tables/by_s/rows?select=s,c,total")
}

func (r *reader) grouped(what, path string) error {
	a, res, err := r.ask(path)
	if a == nil || err != nil || res.Status != http.StatusOK {
		return err
	}
	a.what, a.groups = what, map[string]group{}
	var p page
	if err := json.Unmarshal(res.Body, &p); err != nil {
		return err
	}
	for _, b := range p.Data {
		var g struct {
			S        string
			C, Total int64
		}
		if err := json.Unmarshal(b, &g); err != nil {
			return err
		}
		a.groups[g.S] = group{g.C, g.Total}
	}
	r.answers.add(a)
	return nil
}
