package filter

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

func whereTable(t testing.TB) *tables.Table {
	return &tables.Table{Name: "orders", Key: []string{"id"}, Columns: []tables.Column{
		codectest.Column(t, "id", "int64"), codectest.Column(t, "status", "string"), codectest.Column(t, "total", "decimal(12,2)"), codectest.Column(t, "paid", "bool"),
		codectest.Column(t, "at", "timestamp"), codectest.Column(t, "weight", "float64"), codectest.Column(t, "C \"x\"", "string"), codectest.Column(t, "day", "date"),
		codectest.Column(t, "other", "int64"),
	}}
}

func whereRow(t testing.TB, texts ...string) []tables.Value {
	t.Helper()
	table := whereTable(t)
	out := make([]tables.Value, len(table.Columns))
	for i, s := range texts {
		if s == "null" {
			continue
		}
		v, err := tables.ParseText(table.Columns[i].Type, s)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = v
	}
	return out
}

func TestWhereIsSQL(t *testing.T) {
	row := whereRow(t, "7", "Draft 100%", "10.05", "true", "2026-11-22T10:15:00Z", "1.5", "q", "2026-11-22", "8")
	nulls := whereRow(t, "7")
	for _, c := range []struct {
		where     string
		row, null bool
	}{
		{"id = 7", true, true},
		{"id <> 7 OR 7 = id", true, true},
		{"id = '7'", true, true},
		{"7.5 > id AND id > 6.5", true, true},
		{"id = 7.5", false, false},
		{"6 < id AND 7 <= id AND 8 >= id AND 8 <> id AND 7 = id", true, true},
		{"8 <= id OR 7 < id", false, false},
		{"1 < 1.5 AND '1' = 1.0 AND NOT 'b' <= 'a'", true, true},
		{"id < 99999999999999999999999999999999999999999", true, true},
		{"id > -1e300", true, true},
		{"status <> 'draft'", true, false},
		{"NOT status = 'x'", true, false},
		{"status = 'x' OR status IS NULL", false, true},
		{"status IS NOT NULL", true, false},
		{"not (status is null) and paid", true, false},
		{"paid IS TRUE", true, false},
		{"paid IS NOT TRUE", false, true},
		{"paid IS NOT FALSE", true, true},
		{"paid = TRUE", true, false},
		{"(total > 10) IS TRUE", true, false},
		{"(total > 11) IS NOT TRUE", true, true},
		{"total = 10.050", true, false},
		{"total > 10.049 AND total < 10.051", true, false},
		{"total >= 10.051", false, false},
		{"total > -0.001", true, false},
		{"total BETWEEN 10 AND 10.05", true, false},
		{"total NOT BETWEEN 10 AND 10.05", false, false},
		{"id IN (1, 7)", true, true},
		{"id NOT IN (1, 2)", true, true},
		{"id NOT IN (1, NULL)", false, false},
		{"id IN (7, NULL)", true, true},
		{"status = NULL", false, false},
		{"NOT (status = NULL)", false, false},
		{"NULL IS NULL OR paid", true, true},
		{"status LIKE 'Draft%'", true, false},
		{"status LIKE 'draft%'", false, false},
		{"status ILIKE 'dRAFT ___\\%'", true, false},
		{"status NOT LIKE '%x%'", true, false},
		{"status LIKE '%1%0%\\%'", true, false},
		{"at >= '2026-11-22T10:15:00Z' AND at < '2026-11-23'", true, false},
		{"day = '2026-11-22'", true, false},
		{"weight > 1.25 AND weight <= 1.5", true, false},
		{"\"C \"\"x\"\"\" = 'q'", true, false},
		{"id < other", true, false},
		{"1 = 1 AND 'a' < 'b'", true, true},
		{"paid AND id = 7 OR false", true, false},
		{"true or paid and false", true, true},
		{"status = 'it''s' OR id=7", true, true},
	} {
		t.Run(c.where, func(t *testing.T) { keeps(t, c.where, row, c.row, nulls, c.null) })
	}
}

// keeps compares what a condition says of two rows with what SQL does.
func keeps(t *testing.T, where string, row []tables.Value, ofRow bool, nulls []tables.Value, ofNulls bool) {
	t.Helper()
	table := whereTable(t)
	table.Where = where
	keep, err := Compile(table)
	if err != nil {
		t.Fatal(err)
	}
	if got := keep(row); got != ofRow {
		t.Errorf("row: %v", got)
	}
	if got := keep(nulls); got != ofNulls {
		t.Errorf("row of nulls: %v", got)
	}
}

func TestWhereUnavailableIsNull(t *testing.T) {
	table := whereTable(t)
	table.Where = "status <> 'draft'"
	keep, err := Compile(table)
	if err != nil {
		t.Fatal(err)
	}
	row := whereRow(t, "7")
	row[1] = tables.UnavailableValue()
	if keep(row) {
		t.Error("a value that is not known is not different from another")
	}
}

func TestWhereWithoutConditionIsNil(t *testing.T) {
	keep, err := Compile(whereTable(t))
	if keep != nil || err != nil {
		t.Error(err)
	}
}

func TestWhereFaultsSayWhere(t *testing.T) {
	for where, want := range map[string]string{
		"stat = 'x'":                          `1:1: no column "stat"; the columns are id, status,`,
		"id = 'seven'":                        `1:6: "seven" is no number`,
		"status = 5":                          "1:10: a value of type string is compared with text: write '5'",
		"id":                                  "no bool but int64",
		"id = 1 AND status":                   "1:12: expected a condition",
		"id = ":                               "1:6: unexpected token",
		"id == 1":                             "unexpected token",
		"id = 1; drop table x":                "invalid input text",
		"at > 'yesterday'":                    "no timestamp",
		"id LIKE '1%'":                        "1:1: LIKE needs a string",
		"id = status":                         "not compared",
		"paid = 'perhaps'":                    "no bool",
		"5 IN (5)":                            "a column is expected on the left",
		"5 IS NULL":                           "IS needs",
		"id = 1e9999":                         "no number",
		strings.Repeat("(", maxLength) + "id": "at most",
	} {
		table := whereTable(t)
		table.Where = where
		_, err := Compile(table)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30s: %v, want %s", where, err, want)
		}
	}
}

func FuzzCompile(f *testing.F) {
	f.Add("status <> 'draft' AND (total > 10.5 OR paid IS NOT TRUE)", "a")
	f.Add("id IN (1,2) AND status ILIKE '%a_b\\%'", "xAyb%")
	f.Add("at BETWEEN '2026-01-01' AND '2026-12-31T00:00:00Z'", "")
	f.Fuzz(func(t *testing.T, where, text string) {
		table := whereTable(t)
		table.Where = where
		keep, err := Compile(table)
		if err != nil || keep == nil {
			return
		}
		row := whereRow(t, "7", "null", "10.05", "true")
		row[1] = tables.StringValue(text)
		first := keep(row)
		if keep(row) != first {
			t.Error("not the same answer twice")
		}
		keep(make([]tables.Value, len(table.Columns)))
	})
}
