package apply

import (
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/rowwriter"
)

// DeadLetter is a dead letter that is tried again.
type DeadLetter interface {
	// Resolve says what has become of it; field is what still cannot be used.
	Resolve(result, reason, field string)
	// Fail says that its answer cannot be given.
	Fail(error)
}

// Retry folds a dead letter, unless something newer of its key is known, or may have
// been: from is the source offset from which every deletion is known, and unread why its record is not known as it
// once was.
func (a *Applier) Retry(t DeadLetter, from int64, e *pending.Entry, unread error) error {
	switch {
	case errors.Is(unread, deadletter.ErrOutdated):
		t.Resolve(deadletter.Refused, unread.Error(), "")
	case unread != nil:
		t.Resolve(deadletter.Failed, unread.Error(), e.RefusedField())
	case e.Action == pending.Skip:
		t.Resolve(deadletter.Skipped, "", "")
	case e.Action == pending.Truncate:
		t.Resolve(deadletter.Refused, "a truncate cannot be made up for; replay the table instead", "")
	case e.Action == pending.DeadLetter:
		t.Resolve(deadletter.Failed, e.Field+": "+e.Reason, e.Field)
	default:
		return a.retryChange(t, from, e)
	}
	return nil
}

func (a *Applier) retryChange(t DeadLetter, from int64, e *pending.Entry) error {
	c := &e.Change
	if c.Offset < a.opts.Truncates.Emptied() || a.opts.Truncates.Before(c) {
		t.Resolve(deadletter.Older, "", "")
		return nil
	}
	known := fold.Known{Deleted: fold.NoOffset}
	if err := a.lookUp(&known, c); err != nil {
		return err
	}
	if known.Place(c).Passes() {
		t.Resolve(deadletter.Older, "", "")
		return nil
	}
	if known.Row == nil && known.Deleted == fold.NoOffset && c.Offset < from {
		t.Resolve(deadletter.Refused,
			fmt.Sprintf("%v: its key has no row, and deletions before offset %d are not remembered", deadletter.ErrOutdated, from), "")
		return nil
	}
	return a.applyDeadLetter(t, e, &known)
}

func (a *Applier) applyDeadLetter(t DeadLetter, e *pending.Entry, known *fold.Known) error {
	written := rowwriter.NewAcks(func(err error) {
		switch {
		case err != nil:
			t.Fail(err)
		case e.Action == pending.DeadLetter:
			t.Resolve(deadletter.Failed, e.Field+": "+e.Reason, e.Field)
		default:
			t.Resolve(deadletter.Applied, "", "")
		}
	})
	_, err := a.fold(target{key: string(e.Change.Key), acks: written, deadLetter: true}, e, known)
	written.Close(err)
	return err
}
