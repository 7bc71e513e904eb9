package api_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/store"
)

func (l *liveTable) Follow(context.Context) (*changes.Feed, *store.Snapshot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.feed, l.store.Snapshot(), nil
}

// change puts a row (nil values: removes it), as the event before the given offset
// of partition 0, and notifies those who follow.
func (l *liveTable) change(t *testing.T, next int64, key int64, row []any) {
	t.Helper()
	k := tables.EncodeKey(tables.Int64Value(key))
	old, had := l.store.Snapshot().Lookup(k, nil)
	if !had {
		old = nil
	}
	at := tables.Position{next}
	if row == nil {
		c := store.Change{Offset: l.store.Applied()[0], Key: k}
		if err := l.store.Apply([]store.Change{c}, at); err != nil {
			t.Fatal(err)
		}
	} else {
		l.put(t, at, row)
	}
	snap := l.store.Snapshot()
	now, has := snap.Lookup(k, nil)
	if !has {
		now = nil
	}
	l.feed.Append(changes.Group{Version: snap.Version(), After: at, Changes: []changes.Change{{Key: k, Old: old, New: now, Next: next}}})
}

// events reads a stream of server-sent events.
type events struct {
	t      *testing.T
	res    *http.Response
	lines  *bufio.Scanner
	lastID string
}

func (w *world) follow(t *testing.T, target, lastID string) *events {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.addr+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	res, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = res.Body.Close()
	})
	return &events{t: t, res: res, lines: bufio.NewScanner(res.Body), lastID: lastID}
}

// next returns the next event as "event data".
func (e *events) next() string {
	e.t.Helper()
	event := ""
	for e.lines.Scan() {
		line := e.lines.Text()
		switch {
		case strings.HasPrefix(line, "id: "):
			e.lastID = line[4:]
		case strings.HasPrefix(line, "event: "):
			event = line[7:]
		case strings.HasPrefix(line, "data: "):
			return event + " " + line[6:]
		}
	}
	e.t.Fatalf("the stream ended: %v", e.lines.Err())
	return ""
}

func (e *events) want(all ...string) {
	e.t.Helper()
	for _, want := range all {
		if got := e.next(); got != want {
			e.t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func shopTable() *tables.Table {
	return &tables.Table{Name: "shop", Key: []string{"id"}, Columns: []tables.Column{
		{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "city", Type: tables.Type{Kind: tables.String}},
	}}
}

func TestChangesEnterUpdateAndLeaveAFilter(t *testing.T) {
	l := newLive(t, shopTable())
	l.put(t, tables.Position{2}, []any{1, "Rome"}, []any{2, "Oslo"})
	l.feed = changes.New(tables.Position{2}, 1<<20)
	w := newWorld(t, nil, l)
	all := w.follow(t, "/v1/tables/shop/changes?snapshot=true", "")
	all.want(`enter {"key":{"id":1},"row":{"id":1,"city":"Rome"},"position":"0:2"}`,
		`enter {"key":{"id":2},"row":{"id":2,"city":"Oslo"},"position":"0:2"}`)
	rome := w.follow(t, "/v1/tables/shop/changes?city=eq.Rome&select=city", "")
	if got := rome.res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("content type %q", got)
	}
	for i, c := range []struct {
		key             int64
		row             []any
		toAll, toRomans string
	}{
		{2, []any{2, "Rome"}, `update {"key":{"id":2},"row":{"id":2,"city":"Rome"},`, `enter {"key":{"id":2},"row":{"city":"Rome"},`},
		{2, []any{2, "Paris"}, `update {"key":{"id":2},"row":{"id":2,"city":"Paris"},`, `leave {"key":{"id":2},"row":null,`},
		{1, nil, `leave {"key":{"id":1},"row":null,`, `leave {"key":{"id":1},"row":null,`},
		{3, []any{3, "Rome"}, `enter {"key":{"id":3},"row":{"id":3,"city":"Rome"},`, `enter {"key":{"id":3},"row":{"city":"Rome"},`},
		{4, []any{4, "a\n\"b\""}, `enter {"key":{"id":4},"row":{"id":4,"city":"a\n\"b\""},`, ""},
	} {
		at := int64(3 + i)
		l.change(t, at, c.key, c.row)
		end := fmt.Sprintf(`"position":"0:%d"}`, at)
		all.want(c.toAll + end)
		if all.lastID != fmt.Sprint("0:", at) {
			t.Errorf("id %q", all.lastID)
		}
		if c.toRomans != "" {
			rome.want(c.toRomans + end)
		}
	}
}

func TestChangesResumeExactly(t *testing.T) {
	l := newLive(t, shopTable())
	l.put(t, tables.Position{1}, []any{1, "Rome"})
	w := newWorld(t, nil, l)
	first := w.follow(t, "/v1/tables/shop/changes", "")
	for i := range int64(50) {
		l.change(t, 2+i, 10+i, []any{10 + i, fmt.Sprint("city ", i)})
	}
	for i := range int64(20) {
		first.want(fmt.Sprintf(`enter {"key":{"id":%d},"row":{"id":%d,"city":"city %d"},"position":"0:%d"}`, 10+i, 10+i, i, 2+i))
	}
	if first.lastID != "0:21" {
		t.Fatalf("id %q", first.lastID)
	}
	again := w.follow(t, "/v1/tables/shop/changes", first.lastID)
	for i := int64(20); i < 50; i++ {
		again.want(fmt.Sprintf(`enter {"key":{"id":%d},"row":{"id":%d,"city":"city %d"},"position":"0:%d"}`, 10+i, 10+i, i, 2+i))
	}
}

func TestChangesStartOverWhereTheyAreGone(t *testing.T) {
	l := newLive(t, shopTable())
	l.put(t, tables.Position{1}, []any{1, "Rome"})
	l.feed = changes.New(tables.Position{1}, 1)
	l.change(t, 2, 2, []any{2, "Oslo"})
	w := newWorld(t, nil, l)
	for _, id := range []string{"0:1", "nonsense", "0:1,7:3"} {
		e := w.follow(t, "/v1/tables/shop/changes?snapshot=true", id)
		e.want(`reset {}`, `enter {"key":{"id":1},"row":{"id":1,"city":"Rome"},"position":"0:2"}`,
			`enter {"key":{"id":2},"row":{"id":2,"city":"Oslo"},"position":"0:2"}`)
	}
	// Rows built anew: what a reader has may differ.
	e := w.follow(t, "/v1/tables/shop/changes", "")
	old := l.feed
	l.mu.Lock()
	l.feed = changes.New(tables.Position{2}, 1<<20)
	l.mu.Unlock()
	old.End()
	e.want(`reset {}`)
	l.change(t, 3, 3, []any{3, "Bern"})
	e.want(`enter {"key":{"id":3},"row":{"id":3,"city":"Bern"},"position":"0:3"}`)
}

func TestChangesRefuseWhatTheyCannotDo(t *testing.T) {
	w := newWorld(t, nil, newLive(t, shopTable()))
	for _, c := range []struct{ target, says string }{
		{"?order=id", `"field":"order"`}, {"?limit=5", `"field":"limit"`}, {"?select=count()", `"field":"select"`},
		{"?snapshot=yes", `"field":"snapshot"`}, {"?town=eq.Rome", `the columns are id, city`}, {"?as_of=3", `"field":"as_of"`},
	} {
		res, body := w.do("GET", "/v1/tables/shop/changes"+c.target, "")
		if res.StatusCode != 400 || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", c.target, res.StatusCode, body)
		}
	}
}
