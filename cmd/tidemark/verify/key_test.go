package verify

import (
	"context"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

func TestKeysThatAreNotTheDatabases(t *testing.T) {
	for _, c := range []struct {
		declared, primary []string
		want              string
	}{
		{[]string{"a"}, []string{"a", "b"}, "the table's key is (a), and the primary key of public.vek is (a, b): rows that have"},
		{[]string{"a", "b"}, []string{"a"}, "may stay in the table under its old key"},
		{[]string{"a"}, []string{"b"}, "the table's key is (a), and the primary key of public.vek is (b)"},
	} {
		if got := keysDiffer(c.declared, c.primary, "public.vek"); !strings.HasPrefix(got, c.want) && !strings.HasSuffix(got, c.want) {
			t.Errorf("%v and %v: %s", c.declared, c.primary, got)
		}
	}
	if r := (&Report{Key: "differs"}); r.Equal() {
		t.Error("another key is called equal")
	}
}

// twice is a database that has some keys of the table more than once.
type twice struct {
	*world
	more map[int64]int
}

func (w *twice) page(ctx context.Context, after *row, limit int) ([]row, error) {
	rows, err := w.world.page(ctx, after, limit)
	var out []row
	for _, r := range rows {
		for range 1 + w.more[r.values[0].Int()] {
			out = append(out, r)
		}
	}
	return out, err
}

func TestSeveralRowsOfOneKeyAreDifferences(t *testing.T) {
	w := newWorld(1)
	for k := range int64(30) {
		w.write(1+k, k, false)
	}
	w.follow(len(w.log))
	w.seen[7] = -1 // the table has another of the rows
	o := Options{Table: w.t, Database: &Database{}, Process: w, PageRows: 4}
	if err := o.validate(); err != nil {
		t.Fatal(err)
	}
	c, err := o.comparison(&twice{w, map[int64]int{3: 1, 7: 2}}, w.columns(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.Duplicates != 3 || r.Different+r.Missing+r.Unexpected > 0 || r.Equal() || r.Rows != 33 || r.TableRows != 30 {
		t.Errorf("%+v", r)
	}
}

func TestColumnsInsideOfDocuments(t *testing.T) {
	for want, f := range map[string]form{
		`(t."address" #>> ARRAY['city', 'it''s'])`:            postgres{}.member(`t."address"`, sourceType{name: "jsonb"}, "city.it's", tables.Column{Type: tables.Type{Kind: tables.String}}),
		`nullif((t."address" #> ARRAY['geo'])::text, 'null')`: postgres{}.member(`t."address"`, sourceType{name: "json"}, "geo", tables.Column{Type: tables.Type{Kind: tables.JSON}}),
		`(t."p")[0]::text`: postgres{}.member(`t."p"`, sourceType{name: "point"}, "x", tables.Column{Type: tables.Type{Kind: tables.Float64}}),
		"":                 postgres{}.member(`t."p"`, sourceType{name: "box"}, "wkb", tables.Column{Type: tables.Type{Kind: tables.Bytes}}),
		"CASE WHEN JSON_TYPE(JSON_EXTRACT(t.`d`, '$.\"a\"')) <> 'NULL' THEN JSON_UNQUOTE(JSON_EXTRACT(t.`d`, '$.\"a\"')) END": mysqlDialect{}.member("t.`d`", sourceType{name: "json"}, "a", tables.Column{Type: tables.Type{Kind: tables.String}}),
	} {
		if f.sql != want {
			t.Errorf("%s, want %s", f.sql, want)
		}
	}
}
