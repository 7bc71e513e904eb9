package torture

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// record is what was done to a key by one record of the source topic.
type record struct {
	partition int32
	offset    int64
	lsn       int64 // of the event, where the round's events have one
	row       *row  // nil when it deletes
}

// row is a row of the table, as its events have it.
type row struct {
	ID  int64   `json:"id"`
	Seq int64   `json:"v"` // no two events have the same
	S   string  `json:"s"`
	N   *int64  `json:"n"`
	Pad *string `json:"pad"`
}

func (r *row) equal(o *row) bool {
	if r == nil || o == nil {
		return r == o
	}
	return r.ID == o.ID && r.Seq == o.Seq && r.S == o.S && same(r.N, o.N) && same(r.Pad, o.Pad)
}

func same[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func (r *row) String() string {
	if r == nil {
		return "no row"
	}
	b, _ := json.Marshal(r)
	if len(b) > 200 {
		b = b[:200]
	}
	return string(b)
}

// position is one offset per partition of the source topic.
type position map[int32]int64

func parsePosition(text string) (position, error) {
	p := position{}
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		a, b, ok := strings.Cut(part, ":")
		partition, err1 := strconv.ParseInt(a, 10, 32)
		offset, err2 := strconv.ParseInt(b, 10, 64)
		if !ok || err1 != nil || err2 != nil {
			return nil, fmt.Errorf("%q is no position", text)
		}
		p[int32(partition)] = offset
	}
	return p, nil
}

// reaches reports whether p has everything that o has.
func (p position) reaches(o position) bool {
	for partition, offset := range o {
		if p[partition] < offset {
			return false
		}
	}
	return true
}

// history is the source topic as it was when everything had come: committed records only.
type history struct {
	keys    map[int64][]record // in the order of their partitions, and of offsets within one
	byLSN   bool               // keys live in several partitions, and the database's position decides
	visible func(*row) bool

	// Where the source's partitions say nothing of keys, the position of an answer names what is complete, and
	// more may be seen. What, say the topics into which each generation's records were copied by their keys.
	repartitioned bool
	placements    []*placement
	gone          bool // some of these topics were deleted since
}

// at returns what the fold of the topic up to a position has of a key.
func (h *history) at(key int64, p position) *row {
	var last *record
	for i := range h.keys[key] {
		r := &h.keys[key][i]
		switch {
		case r.offset >= p[r.partition]:
		case last == nil, h.byLSN && r.lsn > last.lsn, !h.byLSN && r.offset > last.offset:
			last = r
		}
	}
	if last == nil {
		return nil
	}
	return h.shown(last.row)
}

// shown is what readers see of a row.
func (h *history) shown(r *row) *row {
	if r == nil || !h.visible(r) {
		return nil
	}
	return r
}

// atLeast reports whether a row is what some reader may see of a key who has all that is before a
// position, and perhaps more: what the records of several partitions become is seen record by record, and
// a position names what is complete.
func (h *history) atLeast(key int64, p position, r *row) bool {
	if r.equal(h.at(key, p)) {
		return true
	}
	least := int64(-1)
	for _, rec := range h.keys[key] {
		if rec.offset < p[rec.partition] {
			least = max(least, rec.lsn)
		}
	}
	for _, rec := range h.keys[key] {
		if rec.lsn > least && h.shown(rec.row).equal(r) {
			return true
		}
	}
	return false
}

// all returns the rows at a position, by key.
func (h *history) all(p position) []*row {
	var out []*row
	for key := range h.keys {
		if r := h.at(key, p); r != nil {
			out = append(out, r)
		}
	}
	sortRows(out)
	return out
}

func sortRows(rows []*row) { sort.Slice(rows, func(i, j int) bool { return rows[i].ID < rows[j].ID }) }

// group is one of the groups by s.
type group struct{ n, sum int64 }

func (h *history) groups(p position) map[string]group { return groupsOf(h.all(p)) }

func groupsOf(rows []*row) map[string]group {
	out := map[string]group{}
	for _, r := range rows {
		g := out[r.S]
		out[r.S] = group{g.n + 1, g.sum + r.Seq}
	}
	return out
}
