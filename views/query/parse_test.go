package query_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func column(name, typ string) tables.Column {
	t, err := tables.ParseType(typ)
	if err != nil {
		panic(err)
	}
	return tables.Column{Name: name, Type: t}
}

// orders has a column of every type and two with the names of parameters.
func orders() *tables.Table {
	return &tables.Table{
		Name: "orders", Key: []string{"id"}, Document: tables.DocumentKeep,
		Columns: []tables.Column{
			column("id", "int64"), column("status", "string"), column("total", "decimal(12,2)"),
			column("customer_id", "int64"), column("paid", "bool"), column("weight", "float64"),
			column("created_at", "timestamp"), column("day", "date"), column("at", "time"),
			column("ref", "uuid"), column("raw", "bytes"), column("extra", "json"),
			column("limit", "int64"), column("order", "string"), column("a.b", "string"),
		},
	}
}

// TestParseTranscript reads each line of testdata/parse.txt that begins with ? and
// compares what the parser makes of it with the lines below it.
func TestParseTranscript(t *testing.T) {
	const path = "testdata/parse.txt"
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(golden)) {
		switch {
		case strings.HasPrefix(line, "?"):
			out.WriteString(line)
			out.WriteString(transcript(strings.TrimSpace(line[1:])))
		case strings.HasPrefix(line, "#"), line == "\n":
			out.WriteString(line)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, got := strings.Split(string(golden), "\n"), strings.Split(out.String(), "\n")
	for i := range max(len(want), len(got)) {
		w, g := at(want, i), at(got, i)
		if w != g {
			t.Fatalf("%s:%d:\nwant %s\ngot  %s", path, i+1, w, g)
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

func transcript(raw string) string {
	mode := query.Page
	if rest, ok := strings.CutPrefix(raw, "stream "); ok {
		raw, mode = rest, query.Stream
	}
	tb := orders()
	q, err := query.Parse(raw, tb, mode)
	var mistake *query.Error
	switch {
	case errors.As(err, &mistake):
		return fmt.Sprintf("  %s in %s: %s\n  hint: %s\n", mistake.Problem, mistake.Field, mistake.Detail, mistake.Hint)
	case err != nil:
		return "  untyped error: " + err.Error() + "\n"
	}
	return dump(tb, q)
}

func dump(t *tables.Table, q *query.Request) string {
	var b strings.Builder
	if len(q.Select) != len(t.Columns) || q.Aggregates() {
		b.WriteString("  select")
		for _, o := range q.Select {
			fmt.Fprintf(&b, " %s=%s%s %s;", o.Name, columnName(t, o.Column), strings.Repeat("."+o.Aggregate.String(), min(1, int(o.Aggregate))), o.Type)
		}
		b.WriteString("\n")
	}
	if q.Filter != nil {
		b.WriteString("  filter " + expr(t, q.Filter) + "\n")
	}
	for _, o := range q.Order {
		name := ""
		if q.Aggregates() {
			name = q.Select[o.Column].Name
		} else {
			name = columnName(t, o.Column)
		}
		fmt.Fprintf(&b, "  order %s descending=%v nullsfirst=%v\n", name, o.Descending, o.NullsFirst)
	}
	if q.LimitBy != nil {
		fmt.Fprintf(&b, "  limit by %v: %d\n", q.LimitBy.Columns, q.LimitBy.N)
	}
	fmt.Fprintf(&b, "  limit %d offset %d", q.Limit, q.Offset)
	if q.AsOf > 0 {
		fmt.Fprintf(&b, " as of %d", q.AsOf)
	}
	if q.Cursor != "" {
		b.WriteString(" cursor " + q.Cursor)
	}
	if q.Document {
		b.WriteString(" document")
	}
	if q.QuoteNumbers {
		b.WriteString(" quoted")
	}
	return b.String() + "\n"
}

func columnName(t *tables.Table, c int) string {
	if c < 0 {
		return "*"
	}
	return t.Columns[c].Name
}

func expr(t *tables.Table, e query.Expr) string {
	list := func(word string, parts []query.Expr) string {
		out := make([]string, len(parts))
		for i, p := range parts {
			out[i] = expr(t, p)
		}
		return word + "(" + strings.Join(out, ", ") + ")"
	}
	text := func(c int, v tables.Value) string {
		return string(tables.AppendJSON(nil, t.Columns[c].Type, v, false))
	}
	switch x := e.(type) {
	case query.And:
		return list("and", x)
	case query.Or:
		return list("or", x)
	case query.Not:
		return "not " + expr(t, x.Expr)
	case query.Compare:
		op := [...]string{"=", "<>", ">", ">=", "<", "<="}[x.Op]
		return columnName(t, x.Column) + " " + op + " " + text(x.Column, x.Value)
	case query.In:
		out := make([]string, len(x.Values))
		for i, v := range x.Values {
			out[i] = text(x.Column, v)
		}
		return columnName(t, x.Column) + " in (" + strings.Join(out, ", ") + ")"
	case query.Like:
		return fmt.Sprintf("%s like %q fold=%v", columnName(t, x.Column), x.Pattern, x.Fold)
	case query.Is:
		return columnName(t, x.Column) + " is " + [...]string{"null", "true", "false"}[x.Test]
	}
	return fmt.Sprintf("unknown %T", e)
}
