package batch

import (
	"fmt"
	"sync/atomic"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/state"
)

// cut is what a batch is made of: its rows are to be emitted.
type cut struct {
	control   wire.Control
	snapshot  *state.Cut // the rows as of the barrier
	source    int64      // next source offset that is not in it
	changelog chan boundary
	next      int64 // the changelog's cut, once it is known
}

type boundary struct {
	next int64
	err  error
}

// Cutter takes the cuts of a partition's batches, in order with its changes.
type Cutter struct {
	opts  *Options
	cuts  *waiting
	state *state.Store

	wholeFrom int64         // the source offset from which on the state is that of the source before it
	asked     uint64        // the newest batch that is to be made
	late      *wire.Control // its barrier, while it waits until the state is whole
	tooEarly  atomic.Bool   // there is such a barrier, and it was not reported yet that it is time
}

// Asked is the newest batch that the partition is to make, or has made in this run.
func (c *Cutter) Asked() uint64 { return c.asked }

// Register has barriers, and the state that is whole, dealt with.
func (c *Cutter) Register(b *bus.Bus) {
	b.Handle(wire.Barrier, func(r bus.Record, done bus.Done) error {
		if err := c.barrier(r.Control, c.opts.CutAt(r.Fed)); err != nil {
			return err
		}
		return done.Now()
	})
	b.On(bus.Whole, func(e bus.Event) error { return c.whole(c.opts.CutAt(e.Offset)) })
}

// Begin takes up the batch that an earlier run was asked for and has not made. The state has
// nothing of the source offsets from wholeFrom on that the source has not.
func (c *Cutter) Begin(s *state.Store, wholeFrom int64) error {
	c.state, c.wholeFrom = s, wholeFrom
	batch, value, err := s.Batches.Barrier()
	if err != nil || value == nil {
		return err
	}
	if last, ok := c.opts.Catalog.Known(c.opts.Partition); ok && batch <= last.Batch {
		return s.Batches.DropBarrier(batch)
	}
	asked, err := wire.ParseControl(value)
	if err != nil {
		return fmt.Errorf("barrier in the local state: %w", err)
	}
	c.asked, c.late = batch, &asked
	c.tooEarly.Store(true)
	return nil
}

// barrier deals with a barrier: a batch is to be made of what the source has before an
// offset. The state remembers it from then on, so the control record is done: however long
// the batch takes, nothing waits behind it.
func (c *Cutter) barrier(asked wire.Control, source int64) error {
	if last, ok := c.opts.Catalog.Known(c.opts.Partition); asked.Batch <= c.asked || ok && asked.Batch <= last.Batch {
		return nil
	}
	if err := c.state.Batches.SetBarrier(asked.Batch, wire.AppendControl(nil, asked)); err != nil {
		return err
	}
	c.asked = asked.Batch
	return c.meet(asked, source)
}

// meet takes the cut of a batch, or lets it wait: what an earlier run has left in
// the state is more than the source before the cut, and maybe more than the changelog has,
// until the source has been read again up to there. Only the newest waits.
func (c *Cutter) meet(asked wire.Control, source int64) error {
	if source >= c.wholeFrom {
		c.late = nil
		return c.take(asked, source)
	}
	c.late = &asked
	c.tooEarly.Store(true)
	c.opts.Late()
	return nil
}

// Due reports, once, whether a barrier waits that could be met before a source offset. The
// feeder asks it, and then sends bus.Whole at that offset.
func (c *Cutter) Due(next int64) bool {
	if !c.tooEarly.Load() || next < c.wholeFrom {
		return false
	}
	c.tooEarly.Store(false)
	return true
}

// whole takes the cut that had to wait.
func (c *Cutter) whole(source int64) error {
	if c.late == nil {
		return nil
	}
	return c.meet(*c.late, source)
}

// take takes the cut: what came before is in the state, what comes after is not. All the
// rest is done in the background, so ingestion waits for one flush of LevelDB only.
func (c *Cutter) take(asked wire.Control, source int64) error {
	snapshot, err := c.state.Batches.Cut()
	if err != nil {
		return err
	}
	c.opts.Rows.Mark()
	q := &cut{control: asked, snapshot: snapshot, source: source, changelog: make(chan boundary, 1)}
	c.opts.Rows.Boundary(func(next int64, err error) { q.changelog <- boundary{next: next, err: err} })
	c.cuts.put(q)
	return nil
}
