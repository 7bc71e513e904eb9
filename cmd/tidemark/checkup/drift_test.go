package checkup_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/checkup"
	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/tables"
)

// changing is a sample of envelopes, some with the first row's members and some with the second's.
func changing(before, after string) [][2]string {
	var out [][2]string
	for i, members := range []string{before, before, before, after, after} {
		out = append(out, [2]string{`{"id":1}`, fmt.Sprintf(`{"op":"u","after":{"id":%d,%s},"source":{"schema":"public","table":"t"}}`, i+1, members)})
	}
	return out
}

func finding(found []checkup.Finding, id findings.ID) *checkup.Finding {
	for i := range found {
		if found[i].ID == id {
			return &found[i]
		}
	}
	return nil
}

func TestSchemasThatChangeAreFoundInTheNewestRecords(t *testing.T) {
	for name, c := range map[string]struct {
		before, after string
		id            findings.ID
		level         checkup.Level
		text          string
	}{
		"nothing":                   {`"v":1`, `"v":2`, "", "", ""},
		"added":                     {`"v":1`, `"v":1,"priority":3`, findings.MembersUnread, checkup.Note, "member priority (which older records do not have) is in no column"},
		"undeclared from the first": {`"v":1,"w":1,"x":1`, `"v":1,"w":1,"x":1`, findings.MembersUnread, checkup.Note, "members w, x are in no column"},
		"dropped":                   {`"v":1`, `"x":1`, findings.ColumnGone, checkup.Problem, "all others keep the value that they had before"},
		"retyped":                   {`"v":1`, `"v":"1"`, findings.TypeChanged, checkup.Note, "were number and are text now"},
	} {
		found := checkup.Records(table(t, tables.DebeziumJSON, "int64"), sampleOf(changing(c.before, c.after)...), nil)
		if c.id == "" {
			for _, id := range []findings.ID{findings.MembersUnread, findings.ColumnGone, findings.TypeChanged, findings.SeveralTables} {
				if f := finding(found, id); f != nil {
					t.Errorf("%s: %+v", name, f)
				}
			}
			continue
		}
		if f := finding(found, c.id); f == nil || f.Level != c.level || !strings.Contains(f.What, c.text) {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func TestSeveralTablesInOneTopicAreAProblem(t *testing.T) {
	row := func(table, members string) [2]string {
		return [2]string{`{"id":1}`, fmt.Sprintf(`{"op":"c","after":{"id":1,%s},"source":{"schema":"public","table":%q}}`, members, table)}
	}
	found := checkup.Records(table(t, tables.DebeziumJSON, "int64"), sampleOf(row("customers", `"v":1`), row("orders", `"v":1,"total":2`)), nil)
	if f := finding(found, findings.SeveralTables); f == nil || f.Level != checkup.Problem || !strings.Contains(f.What, "public.customers, public.orders") {
		t.Errorf("%+v", found)
	}
	found = checkup.Records(table(t, tables.DebeziumJSON, "int64"), sampleOf(row("orders_2024", `"v":1`), row("orders_2025", `"v":1`)), nil)
	if f := finding(found, findings.SeveralTables); f != nil {
		t.Errorf("parts of one table: %+v", f)
	}
}
