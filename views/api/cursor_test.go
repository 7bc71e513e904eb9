package api_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api"
)

func next(t *testing.T, body string) string {
	t.Helper()
	var page struct{ Next string }
	if err := json.Unmarshal([]byte(body), &page); err != nil {
		t.Fatal(err)
	}
	return page.Next
}

func TestCursorPinsTheInstantOfTheFirstPage(t *testing.T) {
	l := numbers(t)
	w := newWorld(t, nil, l)
	cursor := next(t, w.get(200, "/v1/tables/t/rows?order=id&limit=100"))
	l.put(t, tables.Position{400}, []any{150, "new", 0, nil}, []any{1000, "new", 0, nil})
	body := w.get(200, "/v1/tables/t/rows?order=id&limit=300&cursor="+cursor)
	if strings.Contains(body, "new") || !strings.Contains(body, `"rows":201`) {
		t.Error(body)
	}
	if body := w.get(200, "/v1/tables/t/rows?v=eq.new"); !strings.Contains(body, `"rows":2`) {
		t.Error(body)
	}
}

func TestCursorIsGoneWithItsInstant(t *testing.T) {
	l := numbers(t)
	w := newWorld(t, nil, l)
	cursor := next(t, w.get(200, "/v1/tables/t/rows?limit=10"))
	l.unpin()
	if body := w.get(410, "/v1/tables/t/rows?limit=10&cursor="+cursor); !strings.Contains(body, "urn:tidemark:problem:gone") {
		t.Error(body)
	}
}

func TestCursorOfAnotherProcessIsGone(t *testing.T) {
	cursor := next(t, newWorld(t, nil, numbers(t)).get(200, "/v1/tables/t/rows?limit=10"))
	other := newWorld(t, func(o *api.Options) { o.Random = nil }, numbers(t))
	other.get(410, "/v1/tables/t/rows?limit=10&cursor="+cursor)
}

func TestCursorBelongsToItsRequest(t *testing.T) {
	w := newWorld(t, nil, numbers(t))
	cursor := next(t, w.get(200, "/v1/tables/t/rows?order=n&v=eq.v1&limit=10"))
	w.get(200, "/v1/tables/t/rows?v=eq.v1&order=n&limit=20&numbers=string&cursor="+cursor)
	for _, other := range []string{"order=v&v=eq.v1", "order=n&v=eq.v2", "order=n", "order=n&v=eq.v1&select=id", ""} {
		if body := w.get(400, "/v1/tables/t/rows?"+other+"&cursor="+cursor); !strings.Contains(body, "bad-cursor") {
			t.Error(body)
		}
	}
}

// TestTamperedCursorIsRefused turns every bit of a cursor, one at a time.
func TestTamperedCursorIsRefused(t *testing.T) {
	w := newWorld(t, nil, numbers(t))
	cursor, err := base64.RawURLEncoding.DecodeString(next(t, w.get(200, "/v1/tables/t/rows?limit=10")))
	if err != nil {
		t.Fatal(err)
	}
	for i := range cursor {
		bad := append([]byte(nil), cursor...)
		bad[i] ^= 1 << (i % 8)
		res, body := w.do("GET", "/v1/tables/t/rows?cursor="+base64.RawURLEncoding.EncodeToString(bad), "")
		if res.StatusCode != 400 && res.StatusCode != 410 {
			t.Fatalf("byte %d: %s: %s", i, res.Status, body)
		}
	}
	for n := range cursor {
		res, body := w.do("GET", "/v1/tables/t/rows?cursor="+base64.RawURLEncoding.EncodeToString(cursor[:n]), "")
		if n > 0 && res.StatusCode != 400 {
			t.Fatalf("%d bytes: %s: %s", n, res.Status, body)
		}
	}
}
