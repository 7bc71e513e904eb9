package verify

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// counting counts how often a process is asked to reach a position.
type counting struct {
	*world
	positions int
}

func (c *counting) Lookup(ctx context.Context, keys []json.RawMessage, position string) (Answer, error) {
	if position != "" {
		c.positions++
	}
	return c.world.Lookup(ctx, keys, position)
}

// differing is a world whose rows all differ, and that stands still.
func differing(rows int64) *world {
	w := newWorld(7)
	for k := range rows {
		w.write(1+k, k, false)
	}
	w.follow(len(w.log))
	for k := range w.seen {
		w.seen[k] = -1
	}
	return w
}

func compared(t *testing.T, o Options, w *world) *Report {
	t.Helper()
	if err := o.validate(); err != nil {
		t.Fatal(err)
	}
	c, err := o.comparison(w, w.columns(), nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := c.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// A process that never says that a position is reached is waited for once, however many keys look different.
func TestTheProcessIsWaitedForOnce(t *testing.T) {
	w := differing(500)
	w.silent = true
	process := &counting{world: w}
	r := compared(t, Options{Table: w.t, Database: &Database{}, Process: process, PageRows: 10}, w)
	if r.Different != 500 || len(r.Differences) != 100 || r.Equal() {
		t.Errorf("%+v", r)
	}
	if process.positions > 4 {
		t.Errorf("it was asked %d times for a position", process.positions)
	}
}

func TestItEndsEarlyWhenMostRowsDiffer(t *testing.T) {
	w := differing(500)
	r := compared(t, Options{Table: w.t, Database: &Database{}, Process: w, PageRows: 10, Enough: 60, Most: 5}, w)
	if r.Different != 60 || len(r.Differences) != 5 || !strings.Contains(r.Stopped, "after 60 rows") || r.Equal() {
		t.Errorf("%+v", r)
	}
	if len(r.Columns) != 1 || r.Columns[0] != (ColumnCount{"v", 60}) {
		t.Errorf("by column: %+v", r.Columns)
	}
	// As many differences among rows that are right: all of them are counted.
	few := differing(500)
	for k := range few.seen {
		if k%4 != 0 {
			few.seen[k] = few.now[k]
		}
	}
	if r := compared(t, Options{Table: few.t, Database: &Database{}, Process: few, PageRows: 10, Enough: 60}, few); r.Different != 125 || r.Stopped != "" {
		t.Errorf("%+v", r)
	}
}

// A process that lags makes many suspects, and no end.
func TestSuspectsThatAreOnTheirWayEndNothing(t *testing.T) {
	w := newWorld(3)
	for k := range int64(500) {
		w.write(1+k, k, false)
	}
	r := compared(t, Options{Table: w.t, Database: &Database{}, Process: w, PageRows: 10, Enough: 60}, w)
	if !r.Equal() || r.Rows != 500 || r.Suspects < 60 {
		t.Errorf("%+v", r)
	}
}

// behind is a process that never comes to the end of its topics.
type behind struct{ *world }

func (behind) Current(context.Context) (bool, error) { return false, nil }

func TestAProcessThatStaysBehindSaysNothing(t *testing.T) {
	w := differing(5)
	w.silent = true
	o := Options{Table: w.t, Database: &Database{}, Process: behind{w}, Patience: time.Millisecond}
	if err := o.validate(); err != nil {
		t.Fatal(err)
	}
	c, err := o.comparison(w, w.columns(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.run(t.Context()); !errors.Is(err, errBehind) {
		t.Errorf("the error is %v", err)
	}
}

// An answer cannot distinguish a document that is null from no document.
func TestNullDocumentsAreNone(t *testing.T) {
	c := sourceColumn{Column: tables.Column{Type: tables.Type{Kind: tables.JSON}}, expression: "x"}
	database := row{values: []tables.Value{tables.JSONValue("null")}}
	if !c.equal(&database, 0, tables.Value{}) || c.equal(&database, 0, tables.JSONValue("[]")) {
		t.Error("null and no document")
	}
}
