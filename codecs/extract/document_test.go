package extract

import (
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// A document that lacks nothing costs no more than the look for what it lacks: what is
// looked for is made once for a table.
func TestADocumentThatLacksNothingTakesNoMemory(t *testing.T) {
	merge := DocumentMerger(&tables.Table{Source: tables.Source{Placeholder: tables.DefaultPlaceholder}})
	document := []byte(`{"id":1,"city":"Graz","more":{"a":[1,2,3]}}`)
	if n := testing.AllocsPerRun(100, func() { merge(document, nil) }); n > 3 {
		t.Errorf("%v allocations", n)
	}
}

func TestMergeDocument(t *testing.T) {
	table := &tables.Table{}
	hole := `"` + codectest.PlaceholderText + `"`
	for _, c := range []struct{ name, document, stored, want string }{
		{"filled", `{"a":1,"b":` + hole + `,"c":[` + hole + `]}`, `{"c":["x"],"b":"y"}`, `{"a":1,"b":"y","c":["x"]}`},
		{"spaces stay", "{ \"b\" : " + hole + " }", `{"b":{"z":1}}`, `{ "b" : {"z":1} }`},
		{"nothing stored", `{"a":1,"b":` + hole + `}`, ``, `{"a":1,"b":null}`},
		{"not in the stored one", `{"a":1,"b":` + hole + `}`, `{"a":5}`, `{"a":1,"b":null}`},
		{"stored as a placeholder", `{"b":` + hole + `}`, `{"b":` + hole + `}`, `{"b":null}`},
		{"escaped names", `{"\u0062":` + hole + `}`, `{"b":7}`, `{"\u0062":7}`},
		{"complete", `{"a":1}`, `{"a":5,"b":6}`, `{"a":1}`},
		{"no object", `17`, `{"a":5}`, `17`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := MergeDocument(table, []byte(c.document), []byte(c.stored)); string(got) != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func FuzzMergeDocument(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":"__debezium_unavailable_value"}`), []byte(`{"b":{"c":[1]}}`))
	f.Add([]byte(`{"b":["__debezium_unavailable_value"],"c":{"__debezium_unavailable_value":"__debezium_unavailable_value"}}`), []byte(`{"b":`))
	f.Add([]byte(`{"\u0062":"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="}`), []byte(`{"b":"__debezium_unavailable_value"}`))
	table := &tables.Table{}
	p := NewPlaceholder("")
	keep := &tables.Table{Source: tables.Source{Missing: tables.MissingKeep}}
	isJSON := func(text []byte) bool {
		s := jsontext.Scan(text)
		return s.Value() != nil && s.End()
	}
	f.Fuzz(func(t *testing.T, document, stored []byte) {
		if !isJSON(document) {
			return
		}
		if whole := MergeDocument(keep, document, stored); !isJSON(whole) {
			t.Fatalf("%q with the members of %q becomes %q", document, stored, whole)
		}
		got := MergeDocument(table, document, stored)
		if !isJSON(got) {
			t.Fatalf("%q with %q becomes %q", document, stored, got)
		}
		if holes := findHoles(got, p); len(holes) > 0 {
			t.Fatalf("%q with %q keeps the placeholder: %q", document, stored, got)
		}
	})
}
