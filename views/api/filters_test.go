package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

// record is a row of the table numbers, as its filters are described in Go.
type record struct {
	ID int64   `json:"id"`
	V  string  `json:"v"`
	N  int64   `json:"n"`
	S  *string `json:"s"`
}

// changed is numbers after a batch, with rows inserted, changed and deleted behind it.
func changed(t testing.TB) (*liveTable, map[int64]record) {
	l := numbers(t)
	want := map[int64]record{}
	add := func(r record) { want[r.ID] = r }
	text := func(s string) *string { return &s }
	for i := range int64(301) {
		r := record{ID: i, V: fmt.Sprintf("v%d", i%7), N: i * 37 % 101, S: text(fmt.Sprintf("s%d", i))}
		if i%5 == 0 {
			r.S = nil
		}
		add(r)
	}
	l.put(t, tables.Position{305}, []any{301, "v3", 50, nil}, []any{3, "v1", 99, "S19"}, []any{4, "", 0, "a,b"})
	add(record{301, "v3", 50, nil})
	add(record{3, "v1", 99, text("S19")})
	add(record{4, "", 0, text("a,b")})
	gone := store.Change{Offset: l.store.Applied()[0], Key: tables.EncodeKey(tables.Int64Value(10))}
	if err := l.store.Apply([]store.Change{gone}, tables.Position{306}); err != nil {
		t.Fatal(err)
	}
	delete(want, 10)
	return l, want
}

func TestFiltersAnswerAsTheirPredicates(t *testing.T) {
	l, rows := changed(t)
	w := newWorld(t, nil, l)
	hasS := func(f func(string) bool) func(record) bool {
		return func(r record) bool { return r.S != nil && f(*r.S) }
	}
	for query, keeps := range map[string]func(record) bool{
		"":                      func(record) bool { return true },
		"v=eq.v3":               func(r record) bool { return r.V == "v3" },
		"v=eq.":                 func(r record) bool { return r.V == "" },
		"v=not.eq.v3&n=gte.50":  func(r record) bool { return r.V != "v3" && r.N >= 50 },
		"s=is.null":             func(r record) bool { return r.S == nil },
		"s=not.is.null&n=lt.10": func(r record) bool { return r.S != nil && r.N < 10 },
		"v=in.(v1,%22v2%22)":    func(r record) bool { return r.V == "v1" || r.V == "v2" },
		`s=in.(s1,"a,b")`:       hasS(func(s string) bool { return s == "s1" || s == "a,b" }),
		"s=not.in.(s1,s2)":      hasS(func(s string) bool { return s != "s1" && s != "s2" }),
		"s=like.s1*":            hasS(func(s string) bool { return strings.HasPrefix(s, "s1") }),
		"s=not.like.s1*":        hasS(func(s string) bool { return !strings.HasPrefix(s, "s1") }),
		"s=ilike.S1*":           hasS(func(s string) bool { return strings.HasPrefix(strings.ToLower(s), "s1") }),
		"s=like.*1*9*": hasS(func(s string) bool {
			i := strings.IndexByte(s, '1')
			return i >= 0 && strings.IndexByte(s[i:], '9') > 0
		}),
		"n=gt.10&n=lte.20":                   func(r record) bool { return r.N > 10 && r.N <= 20 },
		"not.or=(v.eq.v1,v.eq.v2)":           func(r record) bool { return r.V != "v1" && r.V != "v2" },
		"or=(v.eq.v1,and(n.gt.90,v.neq.v2))": func(r record) bool { return r.V == "v1" || r.N > 90 && r.V != "v2" },
		"not.and=(n.lt.50,s.is.null)":        func(r record) bool { return r.N >= 50 || r.S != nil },
		"or=(s.eq.s1,not.and(s.neq.s2))":     hasS(func(s string) bool { return s == "s1" || s == "s2" }),
		"id=in.()":                           func(record) bool { return false },
		"id=eq.301":                          func(r record) bool { return r.ID == 301 },
	} {
		t.Run(query, func(t *testing.T) {
			var want []int64
			for _, r := range rows {
				if keeps(r) {
					want = append(want, r.ID)
				}
			}
			slices.Sort(want)
			var got []int64
			for _, r := range w.pages(t, "/v1/tables/t/rows?limit=37&"+query) {
				if r.V != rows[r.ID].V || r.N != rows[r.ID].N || (r.S == nil) != (rows[r.ID].S == nil) {
					t.Fatalf("row %d is %+v", r.ID, r)
				}
				got = append(got, r.ID)
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}

// pages reads all pages of a list.
func (w *world) pages(t *testing.T, target string) []record {
	t.Helper()
	var out []record
	for cursor := ""; ; {
		var page struct {
			Data []record
			Rows int
			Next string
		}
		if err := json.Unmarshal([]byte(w.get(200, target+"&cursor="+url.QueryEscape(cursor))), &page); err != nil {
			t.Fatal(err)
		}
		if page.Rows != len(page.Data) {
			t.Fatalf("rows is %d of %d", page.Rows, len(page.Data))
		}
		out = append(out, page.Data...)
		if cursor = page.Next; cursor == "" {
			return out
		}
	}
}

func TestOrderAndGroupsOfTheBlackBoxCases(t *testing.T) {
	w := newWorld(t, nil, numbers(t))
	body := w.get(200, "/v1/tables/t/rows?select=id&order=n.desc,id&limit=3")
	if !strings.Contains(body, `"data":[{"id":30},{"id":131},{"id":232}]`) {
		t.Error(body)
	}
	body = w.get(200, "/v1/tables/t/rows?select=v,count(),n.sum()&order=v")
	if !strings.Contains(body, `"rows":7`) || !strings.Contains(body, `{"v":"v0","count":43,"sum":`) {
		t.Error(body)
	}
	for path, status := range map[string]int{
		"/v1/tables/t/rows?nosuch=eq.1": 400, "/v1/tables/t/rows?n=eq.abc": 400, "/v1/tables/t/rows?v=xx.abc": 400,
		"/v1/tables/none/rows": 404, "/v1/tables/t/rows/123456": 404, "/v1/tables/t/rows/abc": 400,
	} {
		w.get(status, path)
	}
}

func TestPagesOfAnyOrderHaveEveryRowOnce(t *testing.T) {
	l, rows := changed(t)
	w := newWorld(t, nil, l)
	for _, query := range []string{
		"limit=1", "order=s&limit=7", "order=s.desc.nullslast,n&limit=50", "order=v.desc&limit=300", "order=n,v,s&limit=2",
		"limit=1000", "order=id.desc&limit=301",
	} {
		t.Run(query, func(t *testing.T) {
			seen := map[int64]bool{}
			for _, r := range w.pages(t, "/v1/tables/t/rows?"+query) {
				if seen[r.ID] {
					t.Fatalf("row %d is there twice", r.ID)
				}
				seen[r.ID] = true
			}
			if len(seen) != len(rows) {
				t.Errorf("%d of %d rows", len(seen), len(rows))
			}
		})
	}
}

func TestPagesOfGroupsAndOfLimitedGroupsHaveEachOnce(t *testing.T) {
	w := newWorld(t, nil, numbers(t))
	for query, want := range map[string]int{
		"select=v,count()&order=count().desc&limit=2":  7,
		"select=n,count()&limit=10":                    101,
		"limit_by=v:2&limit=3&order=n":                 14,
		"select=v,n:count()&order=v&limit=3&offset=2":  5,
		"limit_by=v:2&limit=3&offset=1&order=v.desc,n": 13,
	} {
		t.Run(query, func(t *testing.T) {
			var seen []record
			for _, r := range w.pages(t, "/v1/tables/t/rows?"+query) {
				if slices.Contains(seen, r) {
					t.Fatalf("%+v is there twice", r)
				}
				seen = append(seen, r)
			}
			if len(seen) != want {
				t.Errorf("got %d, want %d", len(seen), want)
			}
		})
	}
}
