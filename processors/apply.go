package processors

import (
	"log/slog"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/keychange"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/processors/truncate"
	"github.com/tidemark/tidemark/tables"
)

// applier folds changes into the rows of a partition, for one run. It is of the goroutine that
// folds, and of recovery before it.
type applier struct {
	s      *shared
	logger *slog.Logger
	rules  fold.Rules
	rows   *rowwriter.Writer
	store  *state.Store // nil until it is open

	truncates *truncate.Truncates
	images    *keychange.Images
	asker     *keychange.Asker
	answerer  *keychange.Answerer
	// dead sends a record to the dead letters.
	dead func(e *pending.Entry, done func(error))

	replayUntil int64 // source offsets up to here may have been applied before
	began       int64 // the source offset of the first record that it may meet
	streamed    bool  // there are rows from streamed events with a position
	gone        gone
	scratch     scratch
}

// newApplier makes one that has to be given what empties the table and carries values along:
// these write its rows, too.
func newApplier(c *claim, rows *rowwriter.Writer, dead func(*pending.Entry, func(error))) *applier {
	return &applier{s: c.shared, logger: c.logger, rules: c.rules, rows: rows, dead: dead}
}

// scratch is memory that the fold of one change after the other reuses.
type scratch struct {
	row, last    tables.Row
	values, more []tables.Value
	older        tables.Row
	oldValues    []tables.Value
}

// target is the row that a change is written to.
type target struct {
	key  string
	acks bus.Deferrer // of whatever is done when the row's record is acknowledged
	// letter says that it is a dead letter's: it does not become another one.
	letter bool
}

// apply folds a change into the table.
func (a *applier) apply(k target, e *pending.Entry) error {
	c := &e.Change
	a.answerer.Passes(c)
	if a.truncates.Outlived(&e.Change, e.Raw.Partition) {
		a.s.metrics.folding.verdicts[fold.Older].Inc()
		return nil
	}
	if a.gone.passedOver && a.behindGone(e) {
		a.s.metrics.folding.verdicts[fold.Repeated].Inc()
		return nil
	}
	known := fold.Known{Deleted: fold.NoOffset, Again: e.Behind}
	if a.mustLook(e) {
		if err := a.lookUp(&known, c); err != nil {
			return err
		}
	}
	if a.lacksImage(&known, c) {
		a.askForImage(e, k.acks.DeferCommit())
		return nil
	}
	_, err := a.fold(k, e, &known)
	return err
}

// mustLook reports whether what is known of a change's key matters: for values that
// the change does not carry, where the change may have been applied before, where the
// source may have sent it before, and where a row's place in the database's log must
// be handed on. The steady state has no need of it.
func (a *applier) mustLook(e *pending.Entry) bool {
	c := &e.Change
	switch {
	case c.Incomplete, c.Offset <= a.replayUntil, e.Behind, e.Elsewhere:
		return true
	case c.Op == tables.Delete:
		if c.Source.Known() || a.behindGone(e) && !a.gone.passedOver {
			return c.NewKey != ""
		}
		return c.NewKey != "" || a.placed() || c.Offset == a.began
	}
	return c.Source.Snapshot && a.placed()
}

// placed reports whether the partition has rows from streamed events with a position.
func (a *applier) placed() bool {
	if !a.streamed {
		source, _ := a.store.Streamed()
		a.streamed = source.Known()
	}
	return a.streamed
}

// fold writes what becomes of a change. It returns what it did.
func (a *applier) fold(k target, e *pending.Entry, known *fold.Known) (fold.Verdict, error) {
	c := &e.Change
	out := a.rules.Fold(*known, c)
	switch {
	case out.Verdict.Passes():
		if out.Delete && out.Verdict != fold.Older {
			a.gone = goneBy(e)
			a.gone.passedOver = true
		}
	case out.Delete:
		if err := a.removeRow(k, e, known); err != nil {
			return out.Verdict, err
		}
	default:
		if err := a.setRow(k, e, &out.Row); err != nil {
			return out.Verdict, err
		}
		if e.Action == pending.DeadLetter {
			return out.Verdict, nil
		}
	}
	a.s.metrics.folding.verdicts[out.Verdict].Inc()
	return out.Verdict, nil
}

// removeRow deletes the row, also where there is none: after a failed produce the
// changelog may still have it.
func (a *applier) removeRow(k target, e *pending.Entry, known *fold.Known) error {
	c, d := &e.Change, a.deletionOf(e, known)
	var image []byte
	if c.NewKey != "" {
		var err error
		last := known.Row
		if last == nil {
			if last, err = a.olderRow(c.Key); err != nil {
				return err
			}
		}
		if image, err = a.images.Keep(c, last); err != nil {
			return err
		}
	}
	a.gone = goneBy(e)
	a.gone.source, a.gone.time = d.Source, d.Time
	if err := a.rows.Delete(k.key, &rowwriter.Deletion{
		Says: d, From: state.Origin{Offset: c.Offset, Source: d.Source, Time: d.Time, Latest: d.Time}, Offset: c.Offset, Image: image,
	}, k.acks.DeferCommit()); err != nil {
		return err
	}
	if c.NewKey != "" {
		return a.answerer.Deleted(c.Key, c.NewKey)
	}
	return nil
}

// justAfter is the place of an event that has none of its own behind one that has.
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
func (a *applier) setRow(k target, e *pending.Entry, row *tables.Row) error {
	b := wire.AppendStateRow(a.rows.Room(e.Size+rowRoom), a.s.fingerprint, row)
	if why := a.s.limit.exceeds(len(e.Change.Key), len(b)); why != "" {
		e.Action, e.Field, e.Reason = pending.DeadLetter, "row", why
		if !k.letter {
			a.dead(e, k.acks.DeferCommit())
		}
		return nil
	}
	if a.gone.key == e.Change.Key {
		a.gone = gone{}
	}
	source, at := row.LastStreamed()
	from := state.Origin{Offset: e.Offset, Source: source, Time: at, Latest: row.Time}
	return a.rows.Put(k.key, a.rows.Keep(b), from, k.acks.DeferCommit())
}
