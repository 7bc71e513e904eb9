package driftwatch

import (
	"slices"
	"sync"

	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/drift"
	"github.com/tidemark/tidemark/tables"
)

// Table is what is known of the schemas of a table's partitions. It outlives claims: a partition that
// comes back is compared with what it was. It is safe for concurrent use.
type Table struct {
	mu       sync.Mutex
	trackers map[int32]*drift.Tracker
	// lines are what was different in each partition when it was last looked at.
	lines map[int32][]drift.Line
	told  map[string]bool // columns that were reported
}

// newlyTold returns the columns that were not reported for another partition.
func (t *Table) newlyTold(columns []tables.Column) []tables.Column {
	if len(columns) == 0 {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.told == nil {
		t.told = map[string]bool{}
	}
	columns = slices.DeleteFunc(columns, func(c tables.Column) bool { return t.told[c.Name] })
	for i := range columns {
		t.told[columns[i].Name] = true
	}
	return columns
}

// Looked is how many partitions have been looked at.
func (t *Table) Looked() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.trackers)
}

// tracker returns the partition's tracker. One claim at a time uses it.
func (t *Table) tracker(partition int32, table *tables.Table, schemas avro.Schemas) *drift.Tracker {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.trackers == nil {
		t.trackers = map[int32]*drift.Tracker{}
	}
	d := t.trackers[partition]
	if d == nil {
		d = drift.NewTracker(table, schemas)
		t.trackers[partition] = d
	}
	return d
}

// firstToTell returns what is new in a partition and was reported by no other one: a schema
// changes once, and in the partitions one after the other.
func (t *Table) firstToTell(partition int32, fresh []drift.Line) []drift.Line {
	if len(fresh) == 0 {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines == nil {
		t.lines = map[int32][]drift.Line{}
	}
	t.lines[partition] = slices.Concat(t.lines[partition], fresh)
	return slices.DeleteFunc(fresh, func(l drift.Line) bool {
		for p, lines := range t.lines {
			if p != partition && slices.ContainsFunc(lines, func(o drift.Line) bool { return o.Kind == l.Kind && o.What == l.What }) {
				return true
			}
		}
		return false
	})
}

// keep keeps what is different in a partition.
func (t *Table) keep(partition int32, lines []drift.Line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(lines) == 0 {
		delete(t.lines, partition)
		return
	}
	if t.lines == nil {
		t.lines = map[int32][]drift.Line{}
	}
	t.lines[partition] = lines
}
