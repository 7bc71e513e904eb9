package proposal_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/proposal"
	"github.com/tidemark/tidemark/tables"
)

// What is known of the format by the members of the records.
func TestFormatsAreKnownByTheirMembers(t *testing.T) {
	for name, c := range map[string]struct {
		key, value string
		format     tables.Format
		columns    string
	}{
		"payload alone":         {`{"payload":{"id":1}}`, `{"payload":{"op":"c","after":{"id":1,"v":"a"},"source":{"table":"t"}}}`, tables.DebeziumJSON, "id v"},
		"a row alone":           {`{"payload":{"id":1}}`, `{"payload":{"id":1,"v":"a"}}`, tables.UpsertJSON, "id v"},
		"without op":            {`{"id":1}`, `{"before":null,"after":{"id":1,"v":"a"}}`, tables.DebeziumJSON, "id v"},
		"columns op and source": {`{"id":1}`, `{"id":1,"op":"UPDATE","source":"web","after":"y"}`, tables.UpsertJSON, "after id op source"},
		"columns op, flattened": {`{"id":1}`, `{"id":1,"op":"c","source":"web","__op":"c"}`, tables.FlattenedJSON, "id op source"},
		"a before of objects":   {`{"id":1}`, `{"id":1,"before":{"a":1},"after":null}`, tables.UpsertJSON, "after before id"},
	} {
		t.Run(name, func(t *testing.T) {
			s := of("t", c.key, c.value)
			p, err := proposal.From(s, "", nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, col := range p.Table.Columns {
				names = append(names, col.Name)
			}
			slices.Sort(names)
			if got := strings.Join(names, " "); p.Table.Source.Format != c.format || got != c.columns {
				t.Errorf("%s with %s, want %s with %s", p.Table.Source.Format, got, c.format, c.columns)
			}
			if err := p.Clean(s.Records, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// Several tables in one topic make no table of all their columns.
func TestSeveralTablesInATopicAreToldApart(t *testing.T) {
	from := func(table, row string) string {
		return `{"op":"c","after":` + row + `,"source":{"db":"shop","schema":"public","table":"` + table + `"}}`
	}
	s := of("shop", `{"id":1}`, from("orders", `{"id":1,"total":2}`), `{"id":1}`, from("customers", `{"id":1,"name":"a"}`))
	p, err := proposal.From(s, "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := p.Write(&b, nil); err != nil {
		t.Fatal(err)
	}
	if len(p.Table.Columns) != 2 || !strings.Contains(b.String(), "table: public.orders}") || !strings.Contains(b.String(), "2 tables, public.customers, public.orders: this is public.orders alone") || strings.Contains(b.String(), "the columns below") {
		t.Error(b.String())
	}
}

// The newest schema is today's, wherever its record is in the sample.
func TestTheNewestSchemaIsProposed(t *testing.T) {
	wrapped := func(schema, v string) string {
		return `{"schema":{"type":"struct","fields":[{"type":"int32","field":"id"},` + schema + `]},"payload":{"id":1,"v":` + v + `}}`
	}
	precise := `{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2","connect.decimal.precision":"12"},"field":"v"}`
	s := of("t", `{"id":1}`, wrapped(`{"type":"string","field":"v"}`, `"x"`), `{"id":1}`, wrapped(precise, `"bg=="`))
	s.Records[0].Time, s.Records[1].Time = time.UnixMilli(2), time.UnixMilli(1)
	p, err := proposal.From(s, "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := p.Table.Columns[1]; c.Type.Kind != tables.String || c.Encoding != "" {
		t.Errorf("%+v", c)
	}
}
