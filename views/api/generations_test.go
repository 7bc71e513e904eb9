package api_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/live"
)

// generations is what a test says of a table's generations.
type generations struct {
	state   live.Generation
	asked   []live.Replay
	refuses error
}

func (l *generations) Generation() live.Generation { return l.state }

func (l *generations) Replay(_ context.Context, r live.Replay) (int, error) {
	if l.refuses != nil {
		return 0, l.refuses
	}
	l.asked = append(l.asked, r)
	return 3, nil
}

// anew is a world whose one table can be built anew.
func anew(t *testing.T, g *generations) (*liveTable, *world) {
	t.Helper()
	l := orders(t)
	l.generations, l.replaced = g, make(chan struct{})
	return l, newWorld(t, nil, l)
}

func TestReplayIsAskedFor(t *testing.T) {
	g := &generations{}
	_, w := anew(t, g)
	for query, want := range map[string]live.Replay{
		"":                                 {},
		"from=earliest":                    {},
		"from=2026-11-22T12:00:00Z":        {Time: noon()},
		"from=2026-11-22T13:00:00%2B01:00": {Time: noon()},
		"from=0:12,1:3&sweep=true":         {Offsets: tables.Position{12, 3}, Sweep: true},
		"restart=true&declared=1":          {Restart: true, Declared: true},
	} {
		res, body := w.do("POST", "/v1/tables/orders/replay?"+query, "")
		if res.StatusCode != 202 || !strings.Contains(body, `{"generation":3}`) || res.Header.Get("Location") != "/v1/tables/orders" {
			t.Errorf("%s: %s %s", query, res.Status, body)
		}
		if diff := cmp.Diff(want, g.asked[len(g.asked)-1]); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	for query, field := range map[string]string{
		"from=yesterday": "from", "from=2026-11-22": "from", "from=1:x": "from", "sweep=perhaps": "sweep", "form=earliest": "form",
	} {
		if res, body := w.do("POST", "/v1/tables/orders/replay?"+query, ""); res.StatusCode != 400 || !strings.Contains(body, `"field":"`+field+`"`) {
			t.Errorf("%s: %s %s", query, res.Status, body)
		}
	}
	g.refuses = fmt.Errorf("asked: %w", &live.Conflict{Detail: "it has 3 partitions", Hint: "add sweep"})
	if res, body := w.do("POST", "/v1/tables/orders/replay", ""); res.StatusCode != 409 || !strings.Contains(body, "it has 3 partitions") || !strings.Contains(body, "add sweep") {
		t.Errorf("refused: %s %s", res.Status, body)
	}
	g.refuses = errors.New("broker away")
	if res, body := w.do("POST", "/v1/tables/orders/replay", ""); res.StatusCode != 503 || strings.Contains(body, "broker") {
		t.Errorf("not possible: %s %s", res.Status, body)
	}
}

func TestBuildIsTold(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	g := &generations{state: live.Generation{
		Number: 1,
		Build:  &live.Build{Generation: 2, Why: "replay", Phase: "replaying", Started: at, Done: 5, Total: 9, Note: "n"},
		Last:   &live.Outcome{Generation: 1, Why: "definition", Started: at, Ended: at, Rows: 4, Adopted: 3, Swept: 2, Failure: "f"},
	}}
	_, w := anew(t, g)
	want := `"generation":{"number":1,"build":{"generation":2,"why":"replay","phase":"replaying","started":"2026-11-22T12:00:00.000000Z","done":5,"total":9,"note":"n"},` +
		`"last":{"generation":1,"why":"definition","started":"2026-11-22T12:00:00.000000Z","ended":"2026-11-22T12:00:00.000000Z","rows":4,"adopted":3,"swept":2,"failure":"f"}}`
	for _, path := range []string{"/v1/tables/orders", "/v1/tables", "/readyz"} {
		if body := w.get(200, path); !strings.Contains(body, want) {
			t.Errorf("%s: %s", path, body)
		}
	}
}

// TestReplacedTableIsReadAtOnce changes the columns of a table under its readers.
func TestReplacedTableIsReadAtOnce(t *testing.T) {
	before, w := anew(t, &generations{})
	first := w.get(200, "/v1/tables/orders/rows?limit=1&select=id")
	_, next, _ := strings.Cut(first, `"next":"`)
	next, _, _ = strings.Cut(next, `"`)
	waited := make(chan string)
	go func() {
		_, body := w.do("GET", "/v1/tables/orders/rows/1", "", "Tidemark-Min-Position: 0:9000", "Tidemark-Wait: 20s")
		waited <- body
	}()
	after := newLive(t, &tables.Table{Name: "orders", Key: []string{"id"}, Columns: []tables.Column{column("id", "int64"), column("note", "string")}})
	after.put(t, tables.Position{9000}, []any{1, "new"})
	if err := w.api.Replace(after.api()); err != nil {
		t.Fatal(err)
	}
	close(before.replaced)
	if body := <-waited; !strings.Contains(body, `"note":"new"`) {
		t.Errorf("who waited before is answered with %s", body)
	}
	if body := w.get(200, "/v1/tables/orders/rows"); !strings.Contains(body, `"note":"new"`) || strings.Contains(body, "status") {
		t.Errorf("rows: %s", body)
	}
	if body := w.get(410, "/v1/tables/orders/rows?limit=1&select=id&cursor="+next); !strings.Contains(body, "problem:gone") {
		t.Errorf("a cursor of before: %s", body)
	}
	doc := document(t, w)
	if len(doc.Components.Schemas["orders"].Properties) != 2 {
		t.Errorf("the schema is %v", doc.Components.Schemas["orders"].Properties)
	}
	other := newLive(t, &tables.Table{Name: "others", Key: []string{"id"}, Columns: []tables.Column{column("id", "int64")}})
	if w.api.Replace(other.api()) == nil || w.api.Replace(&live.Table{}) == nil {
		t.Error("a table that is not served, or not whole, replaces one")
	}
}
