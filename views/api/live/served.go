package live

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/problem"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/query"
)

// Served is a table with what is computed once for all its answers.
type Served struct {
	*Table
	Def        *tables.Table
	Whole      *render.Shape // all columns, as rows by key have them
	Keys       ask.Keys
	KeyColumns []int
	KeyTypes   []tables.Type
	provenance provenance
}

func serve(t *Table) *Served {
	return &Served{
		Table: t, Def: t.Table, Whole: render.WholeShape(t.Table), Keys: ask.KeysOf(t.Table),
		KeyColumns: t.Table.KeyColumns(), KeyTypes: t.Table.KeyTypes(),
	}
}

// Tables are all the tables that are served, each as it is read now.
type Tables struct {
	slots map[string]*atomic.Pointer[Served]
	names []string // in the order of the options
}

// Serve returns the tables, none of which is incomplete or there twice.
func Serve(all []*Table) *Tables {
	ts := &Tables{slots: map[string]*atomic.Pointer[Served]{}}
	for _, t := range all {
		slot := new(atomic.Pointer[Served])
		slot.Store(serve(t))
		ts.slots[t.Table.Name] = slot
		ts.names = append(ts.names, t.Table.Name)
	}
	return ts
}

// Names returns the names of the tables, which never change.
func (ts *Tables) Names() []string { return ts.names }

// At returns a table that is there, as it is read now.
func (ts *Tables) At(name string) *Served { return ts.slots[name].Load() }

// Replace lets requests from now on see another generation of a table, all of it at
// once. Those that have begun continue with what they saw.
func (ts *Tables) Replace(t *Table) error {
	if t.Incomplete() {
		return errors.New("replace a table: it is incomplete")
	}
	slot, ok := ts.slots[t.Table.Name]
	if !ok {
		return fmt.Errorf("replace table %s: there is none", t.Table.Name)
	}
	slot.Store(serve(t))
	return nil
}

// Named returns the table of a name that a client wrote.
func (ts *Tables) Named(name string) (*Served, error) {
	slot, ok := ts.slots[name]
	if !ok {
		return nil, ts.none(name)
	}
	return slot.Load(), nil
}

// Readable returns the table of a name, if it can be read: up to date, or as it was some
// time ago.
func (ts *Tables) Readable(name string) (*Served, error) {
	t, err := ts.Named(name)
	if err == nil && !t.Progress.Readable() {
		err = t.notReady()
	}
	return t, err
}

// Ready returns the table of a name, if it is up to date.
func (ts *Tables) Ready(name string) (*Served, error) {
	t, err := ts.Named(name)
	if err == nil && !t.Progress.Ready() {
		err = t.notReady()
	}
	return t, err
}

func (ts *Tables) none(name string) error {
	p := &problem.Details{
		Kind: "unknown-table", Title: "There is no such table", Status: http.StatusNotFound,
		Detail: "there is no table " + query.Quote(name),
	}
	if near := query.Nearest(name, ts.names); near != "" {
		p.Hint = "did you mean " + near + "?"
	} else if len(ts.names) > 0 {
		p.Hint = "GET /v1/tables lists them"
	}
	return p
}

func (t *Served) notReady() error {
	s := t.Progress.Status()
	return &problem.Details{
		Kind: "not-ready", Title: "The table is not ready yet", Status: http.StatusServiceUnavailable,
		Detail: fmt.Sprintf("the table %s cannot be read yet: %d of %d records are there", t.Def.Name, s.Done, s.Total),
		Hint:   "GET /readyz says what it waits for", RetryAfter: 1,
	}
}
