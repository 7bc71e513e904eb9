package api_test

import (
	"strings"
	"testing"
)

// TestDocumentOfARowThatHasChanged never has the columns and the document of two instants in
// one row: a single row is read again, a list says so.
func TestDocumentOfARowThatHasChanged(t *testing.T) {
	l := orders(t)
	w := newWorld(t, nil, l)
	l.changed = 2
	if _, body := w.do("GET", "/v1/tables/orders/rows/1?document=true", ""); strings.Contains(body, "document_changed") || !strings.Contains(body, `"document":{`) {
		t.Errorf("a row that is read again: %s", body)
	}
	l.changed = 1
	_, body := w.do("GET", "/v1/tables/orders/rows?document=true&limit=2&select=id", "")
	if strings.Count(body, `"document":null,"document_changed":true`) != 1 {
		t.Errorf("a list: %s", body)
	}
	l.changed = 1
	if _, body := w.do("POST", "/v1/tables/orders/lookup?document=true", `{"keys":[1]}`); !strings.Contains(body, `"document":null,"document_changed":true`) {
		t.Errorf("a lookup: %s", body)
	}
}
