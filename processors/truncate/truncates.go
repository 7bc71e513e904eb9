package truncate

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// watermark is the newest truncate of another partition.
type watermark struct {
	control wire.Control
	until   int64 // next source offset of this partition when the truncate was heard of
}

// New makes a Truncates that knows of none: see Begin.
func New(o Options) *Truncates { return &Truncates{Options: o, emptied: state.Unknown} }

// Register has the other partitions' requests and confirmations dealt with.
func (t *Truncates) Register(b *bus.Bus) {
	b.HandleHeld(wire.TruncateControl, t.asked)
	b.Handle(wire.TruncatedControl, t.confirmed)
}

// Begin reads what an earlier run has kept.
func (t *Truncates) Begin(s *state.Store) error {
	t.state = s
	emptied, err := s.Truncates.Here()
	if err != nil {
		return err
	}
	t.emptied = emptied
	until, value, err := s.Truncates.Elsewhere()
	if err != nil || value == nil {
		return err
	}
	c, err := wire.ParseControl(value)
	if err != nil {
		return fmt.Errorf("truncate in the local state: %w", err)
	}
	t.watermark = watermark{control: c, until: until}
	return nil
}

// Emptied is the source offset of the newest truncate of this partition, or state.Unknown.
func (t *Truncates) Emptied() int64 { return t.emptied }

// Waits returns the source offset of a truncate that other partitions have not confirmed yet.
func (t *Truncates) Waits() (offset int64, yes bool) {
	if t.own == nil {
		return 0, false
	}
	return t.own.offset, true
}

// Outlived reports whether a change, from a partition of the source, is from before a truncate
// that was met already.
func (t *Truncates) Outlived(c *tables.Change, origin int32) bool {
	if t.Repartitioned {
		return t.outlivedElsewhere(c, origin)
	}
	return t.Before(c)
}

// Before reports whether a change is from before a truncate that was heard of
// before it. Beyond the events that were there by then, only one that is older by
// the database's clock as well is: the positions of a restored database begin lower.
func (t *Truncates) Before(c *tables.Change) bool {
	w := &t.watermark
	if w.until == 0 || c.Op != tables.Upsert || !before(c.Source, c.Time, &w.control) {
		return false
	}
	return c.Offset < w.until || c.Source.Comparable(w.control.Source) && c.Time <= w.control.Time
}

// outlivedElsewhere is Outlived for a change that was repartitioned by its key: before a truncate
// that another partition of the source had.
func (t *Truncates) outlivedElsewhere(c *tables.Change, origin int32) bool {
	w := &t.watermark
	if w.until == 0 || c.Op != tables.Upsert || origin == w.control.Partition {
		return false
	}
	if c.Source.Comparable(w.control.Source) {
		return c.Source.Compare(w.control.Source) < 0 && c.Time <= w.control.Time
	}
	return c.Time < w.control.Time
}
