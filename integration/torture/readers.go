package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
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

func newAnswers() *answers { return &answers{other: map[int]int{}, more: map[string]int{}} }

// answers collects what all readers got.
type answers struct {
	mu  sync.Mutex
	all []*answer
	// broken are answers that are wrong whatever the history says.
	broken []string
	other  map[int]int // statuses that are no answers
	more   map[string]int
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

func (a *answers) count(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.more[what]++
}

func (a *answers) status(code int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.other[code]++
}

// run asks until the round is over.
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
	if res.Header["Tidemark-Position"] == nil { // it is empty before anything has come
		return nil, res, fmt.Errorf("%s: %d without a position: %.300s", path, res.Status, res.Body)
	}
	at, err := parsePosition(res.Header.Get("Tidemark-Position"))
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
	if document {
		a.what = "row with document"
	}
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
		Changed  bool `json:"document_changed"`
	}
	if err := json.Unmarshal(body, &x); err != nil {
		return err
	}
	a.row = &x.row
	switch {
	case x.Changed && string(x.Document) != "null":
		return fmt.Errorf("the row has changed, and yet there is a document: %.200s", body)
	case document && !x.Changed && x.Document == nil:
		return fmt.Errorf("no document: %.200s", body)
	case document && !x.Changed: // only the newest is kept: of a row that has changed since the answer's instant there is none
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
	first.what, first.key = "row", key
	if err := first.take(res.Body, false); err != nil {
		return err
	}
	r.answers.add(first)
	a, res, err := r.ask(path, "If-None-Match", res.Header.Get("ETag"))
	if a == nil || err != nil {
		return err
	}
	a.key, a.what = key, "304"
	if res.Status == http.StatusNotModified {
		a.row = first.row
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
	if document {
		a.what = "list with documents"
	}
	if _, err := r.collect(a, res, document); err != nil {
		return err
	}
	r.answers.add(a)
	if r.dice.IntN(2) == 0 {
		return r.listed(a.rows, res.Header.Get("ETag"))
	}
	b, res, err := r.ask(path, "If-None-Match", res.Header.Get("ETag"))
	if b == nil || err != nil || res.Status != http.StatusNotModified {
		return err
	}
	b.what, b.rows = "304 of a list", a.rows
	r.answers.add(b)
	return nil
}

// listed asks for the aggregate of what was just listed: with the same tag it is of the same instant, which
// says more than a position does where records are placed by their keys.
func (r *reader) listed(rows []*row, tag string) error {
	a, res, err := r.groups("aggregate", aggregated)
	if a == nil || err != nil || res.Header.Get("ETag") != tag {
		return err
	}
	r.answers.count("aggregate of the instant of a list")
	if err := a.checkGroups(groupsOf(rows)); err != nil {
		return fmt.Errorf("an aggregate of the instant of a list, at %v: %w", a.at, err)
	}
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
		if !maps.Equal(p.at, a.at) {
			a.also = append(a.also, p.at)
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
		if one.document != nil {
			r.answers.count("document in a list")
		}
		a.rows = append(a.rows, one.row)
	}
	return p.Next, nil
}

const aggregated = "/v1/tables/t/rows?select=s,c:count(),total:v.sum()"

func (r *reader) aggregate() error {
	_, _, err := r.groups("aggregate", aggregated)
	return err
}

func (r *reader) rollup() error {
	if !r.plan.rollup {
		return nil
	}
	_, _, err := r.groups("rollup", "/v1/tables/by_s/rows?select=s,c,total")
	return err
}

func (r *reader) groups(what, path string) (*answer, harness.Answer, error) {
	a, res, err := r.ask(path)
	if a == nil || err != nil || res.Status != http.StatusOK {
		return nil, res, err
	}
	a.what, a.groups = what, map[string]group{}
	var p page
	if err := json.Unmarshal(res.Body, &p); err != nil {
		return nil, res, err
	}
	for _, b := range p.Data {
		var g struct {
			S        string
			C, Total int64
		}
		if err := json.Unmarshal(b, &g); err != nil {
			return nil, res, err
		}
		a.groups[g.S] = group{g.C, g.Total}
	}
	r.answers.add(a)
	return a, res, nil
}
