package query_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// FuzzParse asks that hostile parameters give a typed mistake that names a field,
// or a request that the store can execute without a look at its bounds.
func FuzzParse(f *testing.F) {
	golden, err := os.ReadFile("testdata/parse.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(golden)) {
		if strings.HasPrefix(line, "?") {
			f.Add(strings.TrimSpace(line[1:]))
		}
	}
	tb := orders()
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := query.Parse(raw, tb, query.Page)
		if err != nil {
			var mistake *query.Error
			if !errors.As(err, &mistake) || mistake.Problem == "" || mistake.Detail == "" {
				t.Fatalf("%q: %v is no mistake with a problem and a detail", raw, err)
			}
			return
		}
		checkRequest(t, tb, q)
	})
}

func checkRequest(t *testing.T, tb *tables.Table, q *query.Request) {
	if q.Limit < 0 || q.Limit > query.MaxLimit || q.Offset < 0 || len(q.Select) == 0 {
		t.Fatalf("limit %d, offset %d, %d outputs", q.Limit, q.Offset, len(q.Select))
	}
	names := map[string]bool{}
	for _, o := range q.Select {
		if names[o.Name] || o.Column >= len(tb.Columns) || o.Column < 0 && o.Aggregate != query.Count {
			t.Fatalf("output %+v", o)
		}
		names[o.Name] = true
	}
	for _, o := range q.Order {
		most := len(tb.Columns)
		if q.Aggregates() {
			most = len(q.Select)
		}
		if o.Column < 0 || o.Column >= most {
			t.Fatalf("order %+v", o)
		}
	}
	if q.Filter != nil {
		checkExpr(t, tb, q.Filter)
	}
}

func checkExpr(t *testing.T, tb *tables.Table, e query.Expr) {
	value := func(c int, v tables.Value) {
		if v.Kind() != tb.Columns[c].Type.Kind {
			t.Fatalf("a %s for the column %s", v.Kind(), tb.Columns[c].Name)
		}
	}
	switch x := e.(type) {
	case query.And:
		for _, p := range x {
			checkExpr(t, tb, p)
		}
	case query.Or:
		for _, p := range x {
			checkExpr(t, tb, p)
		}
	case query.Not:
		checkExpr(t, tb, x.Expr)
	case query.Compare:
		value(x.Column, x.Value)
	case query.In:
		for _, v := range x.Values {
			value(x.Column, v)
		}
	case query.Like:
		if tb.Columns[x.Column].Type.Kind != tables.String {
			t.Fatalf("like over %s", tb.Columns[x.Column].Name)
		}
	case query.Is:
		if x.Test != query.IsNull && tb.Columns[x.Column].Type.Kind != tables.Bool {
			t.Fatalf("is true over %s", tb.Columns[x.Column].Name)
		}
	default:
		t.Fatalf("unknown expression %T", e)
	}
}
