package query_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

func TestResultTypes(t *testing.T) {
	for _, c := range []struct {
		aggregate query.Aggregate
		of, want  string
	}{
		{query.Count, "string", "int64"},
		{query.CountDistinct, "bytes", "int64"},
		{query.CountDistinct, "json", ""},
		{query.Min, "date", "date"},
		{query.Max, "json", ""},
		{query.Sum, "int64", "decimal(38,0)"},
		{query.Sum, "decimal(12,2)", "decimal(38,2)"},
		{query.Sum, "float64", "float64"},
		{query.Sum, "bool", ""},
		{query.Avg, "int64", "decimal(38,16)"},
		{query.Avg, "decimal(12,2)", "decimal(38,16)"},
		{query.Avg, "decimal(38,20)", "decimal(38,20)"},
		{query.Avg, "decimal(38,0)", "decimal(38,0)"},
		{query.Avg, "decimal(30,4)", "decimal(38,12)"},
		{query.Avg, "timestamp", ""},
	} {
		t.Run(c.aggregate.String()+" of "+c.of, func(t *testing.T) {
			of, err := tables.ParseType(c.of)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := query.ResultType(c.aggregate, of)
			if ok != (c.want != "") || ok && got.String() != c.want {
				t.Errorf("got %s, %v; want %q", got, ok, c.want)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	valid := []string{"status", "total", "customer_id", "id"}
	for name, want := range map[string]string{
		"stauts": "status", "STATUS": "status", "totl": "total", "customerid": "customer_id",
		"xyz": "", "": "", "zz": "", strings.Repeat("a", 1000): "",
	} {
		if got := query.Nearest(name, valid); got != want {
			t.Errorf("nearest of %.20q is %q, want %q", name, got, want)
		}
	}
}

func TestFingerprintTellsRequestsApart(t *testing.T) {
	base := fingerprint(t, "status=eq.a&order=id&limit=5")
	for raw, same := range map[string]bool{
		"order=id&status=eq.a&limit=9&cursor=x&numbers=string": true,
		"status=eq.b&order=id":                                 false,
		"status=eq.a&order=total":                              false,
		"status=eq.a&order=id&as_of=3":                         false,
		"status=eq.a&order=id&select=id":                       false,
	} {
		if got := fingerprint(t, raw) == base; got != same {
			t.Errorf("%s: same is %v, want %v", raw, got, same)
		}
	}
}

func fingerprint(t *testing.T, raw string) uint64 {
	t.Helper()
	q, err := query.Parse(raw, orders(), query.Page)
	if err != nil {
		t.Fatal(err)
	}
	return q.Fingerprint
}

func TestParseBoundsWhatARequestCosts(t *testing.T) {
	for name, raw := range map[string]string{
		"nesting":    "and=(" + strings.Repeat("and(", 1000) + "id.eq.1" + strings.Repeat(")", 1001),
		"parameters": strings.Repeat("id=eq.1&", 2000),
		"outputs":    "select=" + strings.Repeat("*,", 200) + "id",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := query.Parse(raw, orders(), query.Page); err == nil {
				t.Error("no mistake was found")
			}
		})
	}
}

func ExampleParse() {
	q, err := query.Parse("select=status,n:count()&total=gte.10&order=n.desc", orders(), query.Page)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(q.Select), "columns, grouped:", q.Aggregates(), "limit:", q.Limit)
	_, err = query.Parse("stauts=eq.open", orders(), query.Page)
	fmt.Println(err)
	// Output:
	// 2 columns, grouped: true limit: 100
	// stauts: the table orders has no column "stauts"; did you mean status?
}
