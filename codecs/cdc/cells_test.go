package cdc

import (
	"fmt"
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// cellTable has columns whose paths lead into cells, or that are declared to be in them.
func cellTable(t testing.TB, format tables.Format, declared bool) *tables.Table {
	columns := []tables.Column{codectest.Column(t, "id", "int64"), codectest.Column(t, "v", "string"), codectest.Column(t, "n", "int64")}
	if !declared {
		columns[1].Path, columns[2].Path = "v.value", "n.value"
	}
	table := codectest.Table(format, "id", columns...)
	table.Source.Cells = declared
	return table
}

func TestACellThatIsNotThereKeepsWhatIsStored(t *testing.T) {
	for _, connector := range []string{"cassandra", "scylla", "yugabytedb"} {
		for _, declared := range []bool{true, false} {
			source := fmt.Sprintf(`,"source":{"connector":%q,"lsn":5}`, connector)
			expectEvents(t, cellTable(t, tables.DebeziumJSON, declared), []event{
				{"all", `{"id":1}`, `{"op":"c","after":{"id":1,"v":{"value":"a","set":true},"n":{"value":5}}` + source + `}`, nil, "upsert id=1 v=a n=5"},
				{"an insert", `{"id":1}`, `{"op":"i","after":{"id":1,"v":{"value":"a"},"n":{"value":5}}` + source + `}`, nil, "upsert id=1 v=a n=5"},
				{"null", `{"id":1}`, `{"op":"u","after":{"id":1,"v":null,"n":{"value":5}}` + source + `}`, nil, "upsert id=1 v? n=5"},
				{"absent", `{"id":1}`, `{"op":"u","after":{"id":1,"n":{"value":5}}` + source + `}`, nil, "upsert id=1 v? n=5"},
				{"a value of null", `{"id":1}`, `{"op":"u","after":{"id":1,"v":{"value":null},"n":{"value":5}}` + source + `}`, nil, "upsert id=1 n=5"},
				{"delete", `{"id":1}`, `{"op":"d","after":{"id":1,"v":null,"n":null}` + source + `}`, nil, "delete id=1"},
			})
		}
	}
	declared := cellTable(t, tables.DebeziumJSON, true)
	source := `,"source":{"connector":"other","lsn":5}`
	expectEvents(t, declared, []event{
		{"the key in a cell", `{"id":{"value":1,"set":true}}`, `{"op":"c","after":{"id":{"value":1},"v":{"value":"a"},"n":{"value":5}}` + source + `}`, nil, "upsert id=1 v=a n=5"},
		{"the key of the row", `{}`, `{"op":"c","after":{"id":{"value":1},"v":{"value":"a"},"n":{"value":5}}` + source + `}`, nil, "error key.id"},
		{"not set", `{"id":1}`, `{"op":"u","after":{"id":1,"v":{"value":"a","set":false},"n":{"value":5}}` + source + `}`, nil, "upsert id=1 v? n=5"},
		{"without a cell", `{"id":1}`, `{"op":"u","after":{"id":1,"v":"a","n":{"value":5}}` + source + `}`, nil, "upsert id=1 v=a n=5"},
		{"another type", `{"id":1}`, `{"op":"u","after":{"id":1,"v":{"value":"a"},"n":{"value":"x"}}` + source + `}`, nil, "error after.n"},
	})
	// A path into an object is no cell where no connector of cells says so.
	expectEvents(t, cellTable(t, tables.DebeziumJSON, false), []event{
		{"postgres", `{"id":1}`, `{"op":"u","after":{"id":1,"v":null,"n":{"value":5}},"source":{"connector":"postgresql","lsn":5}}`, nil, "upsert id=1 n=5"},
	})
	for _, format := range []tables.Format{tables.UpsertJSON, tables.FlattenedJSON} {
		expectEvents(t, cellTable(t, format, true), []event{
			{"null", `{"id":1}`, `{"id":1,"v":null,"n":{"value":5}}`, nil, "upsert id=1 v? n=5"},
		})
	}
}

func TestADocumentHasTheCellsThatWereTouched(t *testing.T) {
	table := cellTable(t, tables.DebeziumJSON, true)
	table.Document = tables.DocumentKeep
	var c tables.Change
	r := record(`{"id":1}`, `{"op":"u","after":{"id":1,"v":null,"n":{"value":null}},"source":{"connector":"scylla"}}`)
	if err := newDecoder(t, table).Decode(r, &c); err != nil {
		t.Fatal(err)
	}
	if want := `{"id":1,"n":{"value":null}}`; string(c.Document) != want || !c.Incomplete {
		t.Errorf("document %s, incomplete %t; want %s, to be completed", c.Document, c.Incomplete, want)
	}
}
