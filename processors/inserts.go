package processors

import (
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/keychange"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/tables"
)

// Inserts of rows that went on under another key: package keychange gets what they lack from other
// partitions, and here they are folded.

// newKeyChanges makes what carries values along with a change of key.
func (r *run) newKeyChanges() (*keychange.Images, *keychange.Asker, *keychange.Answerer) {
	return keychange.New(keychange.Options{
		Topic: r.names.Batch, Partition: r.partition, Partitions: r.partitions, Fingerprint: r.fingerprint, Columns: r.columns,
		Wait: r.opts.ImageWait, Send: r.rows.Send, End: r.sourceEnd, Clock: r.opts.Clock, UntilOver: r.untilOver,
		ReadAgain: func(offset int64, image []byte, done bus.Done) {
			r.readAgain(&again{done: done, offset: offset, image: image})
		},
		Look: r.gate.look, Fail: r.stop, Logger: r.logger, Metrics: r.metrics.keyChanges,
	})
}

// lacksImage reports whether an insert goes on a row of another partition, whose
// values it lacks.
func (a *applier) lacksImage(known *fold.Known, c *tables.Change) bool {
	if !c.Incomplete || c.OldKey == "" || c.Op != tables.Upsert || a.s.partitions == 1 || known.Last != nil || sameChange(known.Row, c) {
		return false
	}
	place := known.Place(c)
	return place != fold.Older && place != fold.Repeated
}

// askForImage has an insert wait for the image that it lacks. done is called when its row is written.
func (a *applier) askForImage(e *pending.Entry, done func(error)) {
	a.asker.Ask(&e.Change, func(image []byte, acks *rowwriter.Acks) (bool, error) { return a.foldInsert(e, image, acks) }, done)
}

// foldInsert folds an insert that has waited. It reports whether its row lacks values still.
func (a *applier) foldInsert(e *pending.Entry, image []byte, acks *rowwriter.Acks) (lacks bool, err error) {
	c := &e.Change
	if a.truncates.Before(c) {
		a.s.metrics.folding.verdicts[fold.Older].Inc()
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
func (a *applier) rowOf(image []byte, c *tables.Change) *tables.Row {
	if image == nil {
		return nil
	}
	row, err := a.decodeRow(image, &a.scratch.last, &a.scratch.more)
	if err != nil {
		a.logger.Warn("image of a row of another partition not used", "offset", c.Offset, "error", err)
		return nil
	}
	return row
}

// foldLate folds an insert once more whose image has come after its row was served, if that
// is still its row.
func (a *applier) foldLate(g *again) (err error) {
	e, c := g.entry, &g.entry.Change
	all := rowwriter.NewAcks(g.done.When)
	defer func() { all.Close(err) }()
	if g.err != nil || e.Action != pending.Fold || a.truncates.Before(c) {
		a.logger.Warn("row not filled: its event is not there any more", "offset", g.offset, "error", g.err)
		return nil
	}
	known := fold.Known{Deleted: fold.NoOffset}
	if err := a.lookUp(&known, c); err != nil {
		return err
	}
	if known.Row == nil || known.Row.Offset != c.Offset {
		return nil // a newer change was faster
	}
	if known.Last = a.rowOf(g.image, c); known.Last == nil {
		return nil
	}
	a.s.metrics.keyChanges.Inserts.WithLabelValues(keychange.FilledLate).Inc()
	_, err = a.fold(target{key: string(c.Key), acks: all}, e, &known)
	return err
}

// lastOf returns the row that a change of primary key has left behind, decoded and as
// it is kept.
func (a *applier) lastOf(old, new tables.Key, source tables.SourcePosition) (*tables.Row, []byte, error) {
	b, err := a.images.Of(old, new, source)
	if b == nil || err != nil {
		return nil, nil, err
	}
	row, err := a.decodeRow(b, &a.scratch.last, &a.scratch.more)
	return row, b, err
}
