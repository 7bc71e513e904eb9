package apply

import (
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// Applier folds changes into the rows of a partition, for one run. It is of the goroutine that
// folds.
type Applier struct {
	opts  Options
	store *state.Store // nil until it is open

	replayUntil  int64 // source offsets up to here may have been applied before
	began        int64 // the source offset of the first record that it may meet
	streamed     bool  // there are rows from streamed events with a position
	lastDeletion lastDeletion
	scratch      scratch
}

// New makes one that has no state yet.
func New(o Options) *Applier { return &Applier{opts: o} }

// Open takes the state that changes are folded into.
func (a *Applier) Open(s *state.Store) { a.store = s }

// Begin says which source offsets may have been applied before, and the offset of the first record that may come.
func (a *Applier) Begin(applied, first int64) { a.replayUntil, a.began = applied, first }

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
	// deadLetter says that the change is of a dead letter: it does not become another one.
	deadLetter bool
}

// Apply folds the change of an entry into the table, under its key there.
func (a *Applier) Apply(key string, acks bus.Deferrer, e *pending.Entry) error {
	k, c := target{key: key, acks: acks}, &e.Change
	a.opts.Answerer.Passes(c)
	if a.opts.Truncates.Outlived(&e.Change, e.Raw.Partition) {
		a.opts.Metrics.Verdicts[fold.Older].Inc()
		return nil
	}
	if a.lastDeletion.passedOver && a.followsLastDeletion(e) {
		a.opts.Metrics.Verdicts[fold.Repeated].Inc()
		return nil
	}
	known := fold.Known{Deleted: fold.NoOffset, Again: e.Behind}
	if a.mustLook(e) {
		if err := a.lookUp(&known, c); err != nil {
			return err
		}
	}
	if a.lacksBeforeImage(&known, c) {
		a.askForBeforeImage(e, k.acks.DeferCommit())
		return nil
	}
	_, err := a.fold(k, e, &known)
	return err
}

// mustLook reports whether what is known of a change's key matters: for values that
// the change does not carry, where the change may have been applied before, where the
// source may have sent it before, and where a row's position in the database's log must
// be handed on. The steady state has no need of it.
func (a *Applier) mustLook(e *pending.Entry) bool {
	c := &e.Change
	switch {
	case c.Incomplete, c.Offset <= a.replayUntil, e.Behind, e.Elsewhere:
		return true
	case c.Op == tables.Delete:
		if c.Source.Known() || a.followsLastDeletion(e) && !a.lastDeletion.passedOver {
			return c.NewKey != ""
		}
		return c.NewKey != "" || a.hasPositions() || c.Offset == a.began
	}
	return c.Source.Snapshot && a.hasPositions()
}

// hasPositions reports whether the partition has rows from streamed events with a position.
func (a *Applier) hasPositions() bool {
	if !a.streamed {
		source, _ := a.store.Streamed()
		a.streamed = source.Known()
	}
	return a.streamed
}

// fold writes what becomes of a change. It returns what it did.
func (a *Applier) fold(k target, e *pending.Entry, known *fold.Known) (fold.Verdict, error) {
	c := &e.Change
	out := a.opts.Rules.Fold(*known, c)
	switch {
	case out.Verdict.Passes():
		if out.Delete && out.Verdict != fold.Older {
			a.lastDeletion = deletionFrom(e)
			a.lastDeletion.passedOver = true
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
	a.opts.Metrics.Verdicts[out.Verdict].Inc()
	return out.Verdict, nil
}
