package apply

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// removeRow deletes the row, also where there is none: after a failed produce the
// changelog may still have it.
func (a *Applier) removeRow(k target, e *pending.Entry, known *fold.Known) error {
	c, d := &e.Change, a.deletionOf(e, known)
	var image []byte
	if c.NewKey != "" {
		var err error
		last := known.Row
		if last == nil {
			if last, err = a.previousRow(c.Key); err != nil {
				return err
			}
		}
		if image, err = a.opts.BeforeImages.Keep(c, last); err != nil {
			return err
		}
	}
	a.lastDeletion = deletionFrom(e)
	a.lastDeletion.source, a.lastDeletion.time = d.Source, d.Time
	if err := a.opts.Rows.Delete(k.key, &rowwriter.Deletion{
		Says: d, From: state.Origin{Offset: c.Offset, Source: d.Source, Time: d.Time, Latest: d.Time}, Offset: c.Offset, BeforeImage: image,
	}, k.acks.DeferCommit()); err != nil {
		return err
	}
	if c.NewKey != "" {
		return a.opts.Answerer.Deleted(c.Key, c.NewKey)
	}
	return nil
}

// justAfter is the position of an event that has none of its own and follows one that has.
func justAfter(p tables.SourcePosition) tables.SourcePosition {
	if p.Known() && p.Sub < 1<<32-1 {
		p.Sub++
	}
	return p
}

// rowRoom is what a state row needs around its values and document.
const rowRoom = 64

// setRow encodes and stores a row. One that is too large for the changelog goes to
// the dead letters instead.
func (a *Applier) setRow(k target, e *pending.Entry, row *tables.Row) error {
	b := wire.AppendStateRow(a.opts.Rows.Room(e.Size+rowRoom), a.opts.Fingerprint, row)
	if why := a.opts.Exceeds(len(e.Change.Key), len(b)); why != "" {
		e.Action, e.Field, e.Reason = pending.DeadLetter, "row", why
		if !k.deadLetter {
			a.opts.Dead(e, k.acks.DeferCommit())
		}
		return nil
	}
	if a.lastDeletion.key == e.Change.Key {
		a.lastDeletion = lastDeletion{}
	}
	source, at := row.LastStreamed()
	from := state.Origin{Offset: e.Offset, Source: source, Time: at, Latest: row.Time}
	return a.opts.Rows.Put(k.key, a.opts.Rows.Keep(b), from, k.acks.DeferCommit())
}
