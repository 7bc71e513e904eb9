package apply

import (
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/tables"
)

// Inserts of rows that went on under another key: what they lack comes from other partitions.

// lacksBeforeImage reports whether an insert continues a row of another partition, whose
// values it lacks.
func (a *Applier) lacksBeforeImage(known *fold.Known, c *tables.Change) bool {
	if !c.Incomplete || c.OldKey == "" || c.Op != tables.Upsert || a.opts.Partitions == 1 || known.Last != nil || sameChange(known.Row, c) {
		return false
	}
	verdict := known.Place(c)
	return verdict != fold.Older && verdict != fold.Repeated
}

// askForBeforeImage has an insert wait for the before-image that it lacks. done is called when its row is written.
func (a *Applier) askForBeforeImage(e *pending.Entry, done func(error)) {
	a.opts.Asker.Ask(&e.Change, func(image []byte, acks *rowwriter.Acks) (bool, error) { return a.foldInsert(e, image, acks) }, done)
}

// foldInsert folds an insert that has waited. It reports whether its row lacks values still.
func (a *Applier) foldInsert(e *pending.Entry, image []byte, acks *rowwriter.Acks) (lacks bool, err error) {
	c := &e.Change
	if a.opts.Truncates.Before(c) {
		a.opts.Metrics.Verdicts[fold.Older].Inc()
		return false, nil
	}
	known := fold.Known{Deleted: fold.NoOffset, Again: e.Behind}
	if err := a.lookUp(&known, c); err != nil {
		return false, err
	}
	if last := a.rowOf(image, c); last != nil {
		known.Last = last
	} else {
		lacks = true
	}
	_, err = a.fold(target{key: string(c.Key), acks: acks}, e, &known)
	return lacks, err
}

// rowOf is the row of a before-image of another partition, or nil.
func (a *Applier) rowOf(image []byte, c *tables.Change) *tables.Row {
	if image == nil {
		return nil
	}
	row, err := a.decodeRow(image, &a.scratch.last, &a.scratch.more)
	if err != nil {
		a.opts.Events.ImageNotUsed(events.ImageNotUsed{Offset: c.Offset, Err: err})
		return nil
	}
	return row
}

// Late is an insert whose before-image has come after its row was served.
type Late struct {
	Offset      int64
	Entry       *pending.Entry // as it was read once more
	Err         error          // or why it was not
	BeforeImage []byte
	Done        func(error)
}

// FoldLate folds such an insert once more, if that is still its row.
func (a *Applier) FoldLate(l *Late) (err error) {
	all := rowwriter.NewAcks(l.Done)
	defer func() { all.Close(err) }()
	e := l.Entry
	if l.Err != nil || e.Action != pending.Fold || a.opts.Truncates.Before(&e.Change) {
		a.opts.Events.RowNotFilled(events.RowNotFilled{Offset: l.Offset, Err: l.Err})
		return nil
	}
	c := &e.Change
	known := fold.Known{Deleted: fold.NoOffset}
	if err := a.lookUp(&known, c); err != nil {
		return err
	}
	if known.Row == nil || known.Row.Offset != c.Offset {
		return nil // a newer change was faster
	}
	if known.Last = a.rowOf(l.BeforeImage, c); known.Last == nil {
		return nil
	}
	a.opts.FilledLate.Inc()
	_, err = a.fold(target{key: string(c.Key), acks: all}, e, &known)
	return err
}

// lastOf returns the row that a change of primary key has left behind, decoded and as
// it is kept.
func (a *Applier) lastOf(old, new tables.Key, source tables.SourcePosition) (*tables.Row, []byte, error) {
	b, err := a.opts.BeforeImages.Of(old, new, source)
	if b == nil || err != nil {
		return nil, nil, err
	}
	row, err := a.decodeRow(b, &a.scratch.last, &a.scratch.more)
	return row, b, err
}
