package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api"
	"github.com/tidemark/tidemark/views/store"
)

const asForm = "Content-Type: application/x-www-form-urlencoded"

// part is a row of the table parts.
type part struct {
	ID    int64
	Place string
	Tag   string
	N     int64
	Ref   string
}

// parts is a table with a column for each way in which a list of values is looked for, and
// rows on both sides of its newest batch.
func parts(t *testing.T, n int) (*liveTable, []part) {
	tag := column("tag", "string")
	tag.Index = true
	l := newLive(t, &tables.Table{
		Name: "parts", Key: []string{"id"}, SortKey: []string{"place"},
		Columns: []tables.Column{column("id", "int64"), column("place", "string"), tag, column("n", "int64"), column("ref", "uuid")},
	})
	all := make([]part, n)
	put := func(from, to, round int) {
		var rows [][]any
		for i := from; i < to; i++ {
			p := part{
				ID: int64(i), Place: fmt.Sprintf("place %d", (i+round)*7%n), Tag: fmt.Sprintf("tag %d", (i*3+round)%n), N: int64(i*5 + round),
				Ref: fmt.Sprintf("00000000-0000-4000-8000-%012d", i*11+round),
			}
			all[i] = p
			rows = append(rows, []any{i, p.Place, p.Tag, int(p.N), p.Ref})
		}
		l.put(t, tables.Position{int64(n)}, rows...)
	}
	put(0, n, 0)
	cut := store.Cut{Batch: 1, Changelog: []int64{int64(n)}, Unproven: true}
	if _, err := l.store.Seal(context.Background(), cut); err != nil {
		t.Fatal(err)
	}
	put(n/2, n/2+n/10, 1)
	return l, all
}

// posted reads all pages of a list whose parameters are a form.
func (w *world) posted(t *testing.T, target string, form url.Values) []part {
	t.Helper()
	var out []part
	for {
		var page struct {
			Data []part
			Next string
		}
		res, body := w.do("POST", target, form.Encode(), asForm)
		if res.StatusCode != 200 {
			t.Fatalf("%s: %.300s", res.Status, body)
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		out = append(out, page.Data...)
		if page.Next == "" {
			return out
		}
		form.Set("cursor", page.Next)
	}
}

// TestListsOfThousandsAreExact asks by lists of 5,000 values, some of which no row has, on
// every kind of column.
func TestListsOfThousandsAreExact(t *testing.T) {
	const rows, listed = 8000, 5000
	l, all := parts(t, rows)
	w := newWorld(t, nil, l)
	for name, value := range map[string]func(part) string{
		"id":    func(p part) string { return fmt.Sprint(p.ID) },
		"place": func(p part) string { return p.Place },
		"tag":   func(p part) string { return p.Tag },
		"n":     func(p part) string { return fmt.Sprint(p.N) },
		"ref":   func(p part) string { return p.Ref },
	} {
		in, list := map[string]bool{}, []string{}
		for i := range listed {
			p := all[i*3%rows]
			if i%10 == 9 { // such as it was before it changed, or never was
				p = part{ID: int64(rows + i), Place: "nowhere", Tag: "none " + fmt.Sprint(i), N: -int64(i), Ref: fmt.Sprintf("00000000-0000-4000-9000-%012d", i)}
			}
			in[value(p)] = true
			list = append(list, `"`+value(p)+`"`)
		}
		for _, not := range []string{"", "not."} {
			var want []int64
			for _, p := range all {
				if in[value(p)] == (not == "") {
					want = append(want, p.ID)
				}
			}
			form := url.Values{name: {not + "in.(" + strings.Join(list, ",") + ")"}, "order": {"id"}, "limit": {"1500"}}
			var got []int64
			for _, p := range w.posted(t, "/v1/tables/parts/rows", form) {
				if p != all[p.ID] {
					t.Fatalf("%s: %+v, want %+v", name, p, all[p.ID])
				}
				got = append(got, p.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s %sin: %d rows, want %d", name, not, len(got), len(want))
			}
		}
	}
}

func TestFormAndURLAreOneQuery(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.MaxBody = 2000 }, numbers(t))
	same := w.get(200, "/v1/tables/t/rows.csv?n=gte.50&v=eq.v3&order=id")
	for target, form := range map[string]string{
		"/v1/tables/t/rows.csv":                             "n=gte.50&v=eq.v3&order=id",
		"/v1/tables/t/rows.csv?n=gte.50":                    "v=eq.v3&order=id",
		"/v1/tables/t/rows.csv?n=gte.50&v=eq.v3&order=id":   "",
		"/v1/tables/t/rows.csv?n=gte.50&v=eq.v3&order=id&&": "&",
	} {
		if res, body := w.do("POST", target, form, asForm+"; charset=utf-8"); res.StatusCode != 200 || body != same || res.Header.Get("Etag") != "" {
			t.Errorf("%s with %s: %s, ETag %q: %.200s", target, form, res.Status, res.Header.Get("Etag"), body)
		}
	}
	for form, want := range map[string]struct {
		status int
		kind   string
		header string
	}{
		`{"v":"eq.v3"}`:                       {400, "bad-body", "Content-Type: application/json"},
		"v=eq.v3":                             {400, "bad-body", "X: no type at all"},
		"nosuch=eq.1":                         {400, "unknown-column", asForm},
		"v=in.(" + strings.Repeat("a,", 2000): {413, "body-too-large", asForm},
	} {
		res, body := w.do("POST", "/v1/tables/t/rows", form, want.header)
		problem(t, res, body, want.status, want.kind)
	}
}
