package torture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// answer is something that a reader got, to be compared with the history.
type answer struct {
	asked    time.Time
	process  string
	what     string // of which kind, for counts and messages
	at       position
	also     []position // that other pages of a walk had: what proves to be a marker meanwhile is behind them
	state    string     // of freshness
	key      int64
	row      *row            // of a 304: the one that is said to be the same still
	document json.RawMessage // nil: none was asked for, or the row has changed since
	rows     []*row          // of a list, in the order of keys
	groups   map[string]group
	least    position // what was asked for to be reflected
}

// check compares an answer with the history; nil is right.
func (a *answer) check(h *history) error {
	if !a.at.reaches(a.least) {
		return fmt.Errorf("position %v was asked for", a.least)
	}
	for _, at := range a.also {
		page := *a
		page.at, page.also = at, nil
		if err := page.check(h); err != nil {
			return fmt.Errorf("a page at %v: %w", at, err)
		}
	}
	switch {
	case h.repartitioned:
		return a.checkPlaced(h)
	case a.groups != nil:
		return a.checkGroups(h.groups(a.at))
	case a.rows != nil:
		return a.checkRows(h.all(a.at))
	default:
		want := h.at(a.key, a.at)
		if !want.equal(a.row) {
			return fmt.Errorf("key %d: %s, want %s", a.key, a.row, want)
		}
		return checkDocument(a.document, a.row)
	}
}

// checkLeast is check where a position names what is complete, and more may be seen.
func (a *answer) checkLeast(h *history) error {
	switch {
	case a.groups != nil:
		return nil
	case a.rows != nil:
		have := map[int64]*row{}
		for _, r := range a.rows {
			have[r.ID] = r
		}
		for key := range h.keys {
			if !h.atLeast(key, a.at, have[key]) {
				return fmt.Errorf("key %d: %s, which is older than %s", key, have[key], h.at(key, a.at))
			}
		}
		return nil
	}
	if !h.atLeast(a.key, a.at, a.row) {
		return fmt.Errorf("key %d: %s, which is older than %s", a.key, a.row, h.at(a.key, a.at))
	}
	return checkDocument(a.document, a.row)
}

func (a *answer) checkRows(want []*row) error {
	if len(want) != len(a.rows) {
		return fmt.Errorf("%d rows, want %d%s", len(a.rows), len(want), firstDifference(a.rows, want))
	}
	for i := range want {
		if !want[i].equal(a.rows[i]) {
			return fmt.Errorf("%s, want %s", a.rows[i], want[i])
		}
	}
	return nil
}

func firstDifference(got, want []*row) string {
	have := map[int64]*row{}
	for _, r := range got {
		have[r.ID] = r
	}
	for _, w := range want {
		if !w.equal(have[w.ID]) {
			return fmt.Sprintf(": %s instead of %s", have[w.ID], w)
		}
		delete(have, w.ID)
	}
	for _, r := range have {
		return fmt.Sprintf(": %s should not be there", r)
	}
	return ""
}

func (a *answer) checkGroups(want map[string]group) error {
	for s, g := range want {
		if a.groups[s] != g {
			return fmt.Errorf("group %s: %+v, want %+v", s, a.groups[s], g)
		}
	}
	if len(a.groups) != len(want) {
		return fmt.Errorf("%d groups, want %d", len(a.groups), len(want))
	}
	return nil
}

// checkDocument compares a row's document with its columns: both are of one instant.
func checkDocument(document json.RawMessage, r *row) error {
	if document == nil || r == nil {
		return nil
	}
	if bytes.Equal(document, []byte("null")) {
		return fmt.Errorf("row %s has no document", r)
	}
	var d row
	if err := json.Unmarshal(document, &d); err != nil {
		return fmt.Errorf("document of %s: %w", r, err)
	}
	if !d.equal(r) {
		return fmt.Errorf("columns %s and document %s are of two instants", r, &d)
	}
	return nil
}

// fresh checks what the answer says of its own age: all that could be read 1 s before it was asked
// for has to be there.
func (a *answer) fresh(acked []ack) error {
	if a.state != "fresh" && a.state != "idle" {
		return nil
	}
	const allowed = 1500 * time.Millisecond
	for _, k := range acked {
		if k.at.After(a.asked.Add(-allowed)) {
			return nil
		}
		if k.offset >= a.at[k.partition] {
			return fmt.Errorf("said to be %s without %d:%d, which could be read %s before", a.state, k.partition, k.offset, a.asked.Sub(k.at))
		}
	}
	return nil
}
