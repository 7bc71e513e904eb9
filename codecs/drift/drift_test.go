package drift_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/drift"
	"github.com/tidemark/tidemark/tables"
)

func table(format tables.Format, columns ...string) *tables.Table {
	t := &tables.Table{Name: "t", Source: tables.Source{Topic: "src", Format: format}, Key: []string{"id"}}
	for _, c := range columns {
		kind := tables.Int64
		if strings.HasPrefix(c, "at") {
			kind = tables.Timestamp
		}
		t.Columns = append(t.Columns, tables.Column{Name: c, Type: tables.Type{Kind: kind}})
	}
	return t
}

func envelope(source, row string) string {
	return fmt.Sprintf(`{"before":null,"after":%s,"source":{"schema":"public","table":%q},"op":"u"}`, row, source)
}

// schemas is an envelope with the schemas of a row's fields: name, type, semantic name, scale.
func withSchema(row string, fields ...[4]string) string {
	var fs []string
	for _, f := range fields {
		fs = append(fs, fmt.Sprintf(`{"field":%q,"type":%q,"name":%q,"parameters":{"scale":%q},"optional":true}`, f[0], f[1], f[2], f[3]))
	}
	return fmt.Sprintf(`{"schema":{"type":"struct","fields":[{"field":"after","type":"struct","fields":[%s]}]},"payload":%s}`,
		strings.Join(fs, ","), envelope("t", row))
}

// look shows values to a tracker and returns the kinds and names of what is different at the end.
func look(d *drift.Tracker, values ...string) []string {
	for _, v := range values {
		d.Look(&codecs.Record{Topic: "src", Key: []byte(`{"id":1}`), Value: []byte(v)})
	}
	var out []string
	for _, l := range d.Lines() {
		out = append(out, strings.TrimSpace(string(l.Kind)+" "+l.What))
	}
	return out
}

func times(n int, value string) []string { return slices.Repeat([]string{value}, n) }

func TestWhatChangesInTheRecordsIsToldForEachForm(t *testing.T) {
	id, n := [4]string{"id", "int64"}, [4]string{"n", "int64"}
	dec := func(scale string) [4]string {
		return [4]string{"n", "bytes", "org.apache.kafka.connect.data.Decimal", scale}
	}
	for name, c := range map[string]struct {
		table  *tables.Table
		values []string
		want   []string
	}{
		"nothing":                        {table(tables.DebeziumJSON, "id", "n"), times(3, envelope("t", `{"id":1,"n":2}`)), nil},
		"a part is declared":             {table(tables.DebeziumJSON, "id"), times(3, envelope("t", `{"id":1,"n":2}`)), nil},
		"a column added":                 {table(tables.DebeziumJSON, "id"), []string{envelope("t", `{"id":1}`), envelope("t", `{"id":1,"priority":3}`)}, []string{"new priority"}},
		"a column dropped":               {table(tables.DebeziumJSON, "id", "n"), []string{envelope("t", `{"id":1,"n":2}`), envelope("t", `{"id":1}`)}, []string{"gone n"}},
		"a column renamed":               {table(tables.DebeziumJSON, "id", "n"), []string{envelope("t", `{"id":1,"n":2}`), envelope("t", `{"id":1,"m":2}`)}, []string{"gone n", "new m"}},
		"a column that never was":        {table(tables.DebeziumJSON, "id", "n"), times(8, envelope("t", `{"id":1}`)), []string{"gone n"}},
		"a number is a text":             {table(tables.DebeziumJSON, "id", "n"), []string{envelope("t", `{"id":1,"n":2}`), envelope("t", `{"id":1,"n":"2"}`)}, []string{"type n"}},
		"nulls are of no type":           {table(tables.DebeziumJSON, "id", "n"), []string{envelope("t", `{"id":1,"n":null}`), envelope("t", `{"id":1,"n":2}`), envelope("t", `{"id":1,"n":null}`)}, nil},
		"micros are millis":              {table(tables.DebeziumJSON, "id", "at"), []string{envelope("t", `{"id":1,"at":1700000000000000}`), envelope("t", `{"id":1,"at":1700000000000}`)}, []string{"type at"}},
		"and back":                       {table(tables.DebeziumJSON, "id", "n"), []string{envelope("t", `{"id":1,"n":2}`), envelope("t", `{"id":1}`), envelope("t", `{"id":1,"n":2}`)}, nil},
		"by schema: gone at once":        {table(tables.DebeziumJSON, "id", "n"), []string{withSchema(`{"id":1}`, id)}, []string{"gone n"}},
		"by schema: another scale":       {table(tables.DebeziumJSON, "id", "n"), []string{withSchema(`{"id":1,"n":"AQ=="}`, id, dec("2")), withSchema(`{"id":1,"n":"AQ=="}`, id, dec("4"))}, []string{"type n"}},
		"by schema: a null shows it too": {table(tables.DebeziumJSON, "id", "n"), []string{withSchema(`{"id":1,"n":null}`, id, dec("2")), withSchema(`{"id":1,"n":null}`, id, n)}, []string{"type n"}},
		"flattened":                      {table(tables.FlattenedJSON, "id", "n"), []string{`{"id":1,"n":2,"__op":"u"}`, `{"id":1,"m":2,"__op":"u","__lsn":7}`}, []string{"gone n", "new m"}},
		"maxwell": {table(tables.MaxwellJSON, "id", "n"), append([]string{`{"database":"d","table":"t","type":"insert","data":{"id":1,"n":2}}`},
			times(8, `{"database":"d","table":"t","type":"update","data":{"id":1,"m":2}}`)...), []string{"gone n"}},
		"canal tells types": {table(tables.CanalJSON, "id", "n"), []string{
			`{"database":"d","table":"t","type":"INSERT","data":[{"id":"1","n":"2"}],"mysqlType":{"id":"int","n":"decimal(8,2)"}}`,
			`{"database":"d","table":"t","type":"UPDATE","data":[{"id":"1","n":"2"}],"mysqlType":{"id":"int","n":"varchar(8)"}}`,
		}, []string{"type n"}},
		"rows that leave nulls out":   {table(tables.UpsertJSON, "id", "n"), slices.Concat(times(1, `{"id":1,"n":2}`), times(5, `{"id":1}`), times(1, `{"id":1,"n":2,"x":1}`), times(5, `{"id":1}`)), nil},
		"upsert: gone for good":       {table(tables.UpsertJSON, "id", "n"), slices.Concat(times(1, `{"id":1,"n":2}`), times(8, `{"id":1}`)), []string{"gone n"}},
		"upsert: new for good":        {table(tables.UpsertJSON, "id"), slices.Concat(times(8, `{"id":1}`), times(4, `{"id":1,"x":2}`)), []string{"new x"}},
		"two tables":                  {table(tables.DebeziumJSON, "id", "n"), []string{envelope("customers", `{"id":1,"n":2}`), envelope("orders", `{"id":1,"n":2,"m":1}`)}, []string{"tables"}},
		"parts of one table":          {table(tables.DebeziumJSON, "id", "n"), []string{envelope("t_2024", `{"id":1,"n":2}`), envelope("t_2025", `{"id":1,"n":2}`)}, nil},
		"no row, no JSON":             {table(tables.DebeziumJSON, "id", "n"), []string{`{`, `[]`, `7`, `null`, `{"op":"d","before":{"id":1},"after":null}`, `{"op":"u","after":"{\"id\":1}"}`}, nil},
		"an envelope as a row's form": {table(tables.UpsertJSON, "id"), []string{`{"schema":1,"id":2}`, `{"schema":{},"payload":null}`}, nil},
	} {
		if got := look(drift.NewTracker(c.table, nil), c.values...); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestKeyMembersThatAreNotDeclaredAreTold(t *testing.T) {
	d := drift.NewTracker(table(tables.DebeziumJSON, "id", "n"), nil)
	fresh := d.Look(&codecs.Record{Topic: "src", Key: []byte(`{"schema":{"type":"struct"},"payload":{"id":1,"b":2,"__dbz__physicalTableIdentifier":"x"}}`), Value: []byte(envelope("t", `{"id":1,"n":2,"b":2}`))})
	if len(fresh) != 1 || fresh[0].Kind != drift.Key || fresh[0].What != "b" || !strings.Contains(fresh[0].Text, "[id] lacks") {
		t.Errorf("told: %+v", fresh)
	}
	if again := d.Look(&codecs.Record{Topic: "src", Key: []byte(`{"id":1,"b":2}`), Value: []byte(envelope("t", `{"id":1,"n":2,"b":2}`))}); len(again) != 0 {
		t.Errorf("told again: %+v", again)
	}
}

func TestRecordsOfOtherTablesAreNotCompared(t *testing.T) {
	def := table(tables.DebeziumJSON, "id", "n")
	def.Source.Table = "public.t"
	got := look(drift.NewTracker(def, nil), envelope("t", `{"id":1,"n":2}`), envelope("other", `{"id":1,"x":2}`))
	if len(got) != 0 {
		t.Errorf("told: %q", got)
	}
}

func TestAColumnOfSeveralPlacesIsThereInAnyOfThem(t *testing.T) {
	def := table(tables.DebeziumJSON, "id", "n")
	def.Columns[1].OtherPaths = []string{"m"}
	if got := look(drift.NewTracker(def, nil), envelope("t", `{"id":1,"n":2}`), envelope("t", `{"id":1,"m":2}`)); len(got) != 0 {
		t.Errorf("told: %q", got)
	}
	if got := look(drift.NewTracker(def, nil), times(8, envelope("t", `{"id":1}`))...); !slices.Equal(got, []string{"gone n"}) {
		t.Errorf("told: %q", got)
	}
}

func TestAKeyIsToldForAsLongAsTheNewestRecordsHaveIt(t *testing.T) {
	d := drift.NewTracker(table(tables.DebeziumJSON, "id", "n"), nil)
	for key, want := range map[string]int{`{"id":1,"b":2}`: 1, `{"id":1}`: 0} {
		d.Look(&codecs.Record{Topic: "src", Key: []byte(`{"id":1,"b":2}`), Value: []byte(envelope("t", `{"id":1,"n":2}`))})
		d.Look(&codecs.Record{Topic: "src", Key: []byte(key), Value: []byte(envelope("t", `{"id":1,"n":2}`))})
		if got := d.Lines(); len(got) != want {
			t.Errorf("%s: %+v", key, got)
		}
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	d := drift.NewTracker(table(tables.DebeziumJSON, "id"), nil)
	for i := range 1000 {
		look(d, envelope(fmt.Sprint("t", i), fmt.Sprintf(`{"id":1,"m%d":2}`, i)))
	}
	if n := len(d.Lines()); n > 64 {
		t.Errorf("%d lines", n)
	}
}

func FuzzRecordsOfAnyForm(f *testing.F) {
	f.Add([]byte(envelope("t", `{"id":1}`)), []byte(`{"id":1}`))
	f.Add([]byte(`{"type":"INSERT","data":[{"id":"1"}]}`), []byte(nil))
	f.Fuzz(func(_ *testing.T, value, key []byte) {
		for _, format := range []tables.Format{tables.DebeziumJSON, tables.FlattenedJSON, tables.UpsertJSON, tables.MaxwellJSON, tables.CanalJSON} {
			d := drift.NewTracker(table(format, "id", "at"), nil)
			for range 3 {
				d.Look(&codecs.Record{Topic: "src", Key: key, Value: value})
			}
		}
	})
}
