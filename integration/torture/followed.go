package torture

import (
	"encoding/json"
	"fmt"
)

// followed is what a stream of changes makes at who follows it: rows or groups.
type followed interface {
	reset()
	play(received) error // each change fits what is there, and happens once
	compare(h *history, at position) error
}

// followedRows are the rows of the table, or those that a filter keeps.
type followedRows struct {
	keep func(*row) bool
	rows map[int64]*row
}

func (f *followedRows) reset() { f.rows = map[int64]*row{} }

func (f *followedRows) play(e received) error {
	var c struct {
		Key struct{ ID int64 }
		Row *row
	}
	if err := json.Unmarshal([]byte(e.data), &c); err != nil {
		return fmt.Errorf("%s %.200s: %w", e.event, e.data, err)
	}
	return apply(f.rows, e, c.Key.ID, c.Row)
}

func (f *followedRows) compare(h *history, at position) error {
	var have, want []*row
	for _, r := range f.rows {
		have = append(have, r)
	}
	sortRows(have)
	for _, r := range h.all(at) {
		if f.keep(r) {
			want = append(want, r)
		}
	}
	return (&answer{rows: have}).checkRows(want)
}

// followedGroups are the groups of the rollup.
type followedGroups struct{ groups map[string]group }

func (f *followedGroups) reset() { f.groups = map[string]group{} }

func (f *followedGroups) play(e received) error {
	var c struct {
		Key struct{ S string }
		Row struct{ C, Total int64 }
	}
	if err := json.Unmarshal([]byte(e.data), &c); err != nil {
		return fmt.Errorf("%s %.200s: %w", e.event, e.data, err)
	}
	return apply(f.groups, e, c.Key.S, group{c.Row.C, c.Row.Total})
}

func (f *followedGroups) compare(h *history, at position) error {
	return (&answer{groups: f.groups}).checkGroups(h.groups(at))
}

func apply[K comparable, V any](have map[K]V, e received, key K, value V) error {
	_, has := have[key]
	if has == (e.event == "enter") {
		return fmt.Errorf("%s of %v, which is there: %v (id %s)", e.event, key, has, e.id)
	}
	if e.event == "leave" {
		delete(have, key)
	} else {
		have[key] = value
	}
	return nil
}

// mirrors are those of a round: of all rows, of some, and of the groups.
func (p plan) mirrors() []*mirror {
	out := []*mirror{
		{path: "/v1/tables/t/changes?snapshot=true", of: &followedRows{keep: func(*row) bool { return true }}},
		{
			path: "/v1/tables/t/changes?snapshot=true&n=lt.500",
			of:   &followedRows{keep: func(r *row) bool { return r.N != nil && *r.N < 500 }},
		},
	}
	if p.rollup {
		out = append(out, &mirror{path: "/v1/tables/by_s/changes?snapshot=true", of: &followedGroups{}})
	}
	return out
}
