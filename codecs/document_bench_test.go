package codecs

import (
	"testing"

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
