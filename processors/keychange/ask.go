package keychange

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// Fold folds an insert with the before-image of its row, or without. It reports whether a row is
// served that lacks values for it.
type Fold func(image []byte, acks *rowwriter.Acks) (lacks bool, err error)

// pending is an insert of this partition that waits for the before-image of the old key's row.
type pending struct {
	change  *tables.Change
	fold    Fold
	waiting map[int32]struct{} // partitions that have not answered
	all     *rowwriter.Acks
}

// Asker asks other partitions for what inserts of this one lack.
type Asker struct {
	*Options
	state    *state.Store
	answerer *Answerer
	pending  *pending
	unfilled everyMinute // of rows that were served without their last row's values
}

// Register has the answers dealt with, and the time that an insert has waited.
func (a *Asker) Register(b *bus.Bus) {
	b.Handle(wire.BeforeImageFound, a.answer)
	b.Handle(wire.BeforeImageNone, a.answer)
	b.On(bus.WaitOver, a.waitOver)
}

// Waits returns the source offset of the insert that waits.
func (a *Asker) Waits() (offset int64, yes bool) {
	if a.pending == nil {
		return 0, false
	}
	return a.pending.change.Offset, true
}

// Ask asks the other partitions for the before-image that an insert lacks. The change stays as it is until done is
// called, when the row is written.
func (a *Asker) Ask(c *tables.Change, fold Fold, done func(error)) {
	p := &pending{change: c, fold: fold, waiting: map[int32]struct{}{}, all: rowwriter.NewAcks(a.UntilOver(done))}
	value := wire.AppendControl(nil, wire.Control{
		Kind: wire.BeforeImageWanted, Started: a.Clock().UnixMicro(), Partition: a.Partition, Offset: c.Offset,
		Time: c.Time, Source: c.Source, OldKey: c.OldKey, NewKey: c.Key,
	})
	for to := range a.Partitions {
		if to != a.Partition {
			p.waiting[to] = struct{}{}
			a.Send(kgo.Record{Topic: a.Topic, Partition: to, Value: value}, p.all.DeferCommit())
		}
	}
	a.pending = p
	a.answerer.declineBehind(c.Time, c.Source)
}

// answer deals with another partition's answer.
func (a *Asker) answer(c bus.Record, done bus.Done) error {
	p := a.pending
	var err error
	switch {
	case p == nil || p.change.Offset != c.Offset:
		if c.Kind == wire.BeforeImageFound {
			return a.fillLate(&c.Control, done)
		}
	case c.Kind == wire.BeforeImageFound:
		err = a.settle([]byte(c.Body), Filled)
	default:
		if delete(p.waiting, c.Partition); len(p.waiting) == 0 || c.Final {
			err = a.settle(nil, None)
		}
	}
	if err != nil {
		return err
	}
	return done.Now()
}

// settle has the row written that has waited, with the before-image or without.
func (a *Asker) settle(image []byte, result string) error {
	p := a.pending
	a.pending = nil
	a.Metrics.Inserts.WithLabelValues(result).Inc()
	offset := p.change.Offset
	lacks, err := p.fold(image, p.all)
	p.all.Close(err)
	if err != nil || !lacks {
		return err
	}
	if n, yes := a.unfilled.minute(); yes {
		a.Events.RowsUnfilled(events.RowsUnfilled{Count: n, Offset: offset, Result: result})
	}
	return nil
}

// waitOver serves a row without the before-image that it has waited for.
func (a *Asker) waitOver(e bus.Event) error {
	if offset, waits := a.Waits(); !waits || offset != e.Offset {
		return nil
	}
	var silent []int32
	for p := range a.pending.waiting {
		silent = append(silent, p)
	}
	a.Events.RowNotAnswered(events.RowNotAnswered{Offset: e.Offset, Waited: a.Wait, Silent: silent})
	return a.settle(nil, Late)
}

// fillLate fills a row whose before-image has come after all, if it is still the row that
// wanted it: the insert is read and folded once more.
func (a *Asker) fillLate(c *wire.Control, done bus.Done) error {
	b, err := a.state.Get(string(c.NewKey))
	if err != nil {
		return err
	}
	if b != nil {
		row, err := wire.ParseStateRow(b)
		if err == nil && row.Offset == c.Offset && row.Incomplete() {
			a.ReadAgain(c.Offset, []byte(c.Body), done)
			return nil
		}
	}
	return done.Now()
}
