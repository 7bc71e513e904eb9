package replica

import (
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
)

// TestDocumentsAreOfTheRowsInstant reads the document of a row of a snapshot while the row
// is that of the snapshot, and after it has changed in its columns, beside them, and gone.
func TestDocumentsAreOfTheRowsInstant(t *testing.T) {
	w := written(t, nil, nil, rows.Position{})
	w.readers()
	event := func(offset int64, text, document string) item {
		it := upsert(offset, offset, text)
		it.row = wire.AppendStateRow(nil, 0, &tables.Row{Values: it.values, Offset: offset, Document: []byte(document)})
		return it
	}
	write := func(it item) {
		t.Helper()
		if err := w.take(t.Context(), []item{it}); err != nil {
			t.Fatal(err)
		}
	}
	key := upsert(0, 0, "").key
	is := func(name string, snap func() (string, bool, error), want string, changed bool) {
		t.Helper()
		doc, differs, err := snap()
		if doc != want || differs != changed || err != nil {
			t.Errorf("%s: document %q, changed %v, %v; want %q, %v", name, doc, differs, err, want, changed)
		}
	}
	at := func() func() (string, bool, error) {
		snap := w.s.Snapshot()
		return func() (string, bool, error) {
			doc, changed, err := DocumentOf(w.s, snap, key)
			return string(doc), changed, err
		}
	}
	none := at()
	is("no row", none, "", false)
	write(event(0, "a", `{"beside":1}`))
	first := at()
	is("a row", first, `{"beside":1}`, false)
	is("a row that has come since", none, "", true)
	write(event(1, "a", `{"beside":2}`))
	beside := at()
	is("a row that has changed beside its columns", first, "", true)
	is("as it is now", beside, `{"beside":2}`, false)
	write(event(2, "b", `{"beside":2}`))
	is("a row that has changed", beside, "", true)
	now := at()
	gone := upsert(3, 3, "")
	gone.row, gone.values = nil, nil
	write(gone)
	is("a row that is gone", now, "", true)
	is("no row any more", at(), "", false)
}
