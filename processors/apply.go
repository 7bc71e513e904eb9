package processors

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// scratch is memory that the fold of one change after the other reuses.
type scratch struct {
	row, last    tables.Row
	values, more []tables.Value
	image        []byte // of the key's deletion, when there is one
}

// apply folds a change into the table.
func (r *run) apply(k tableKey, e *entry) error {
	c := &e.change
	if r.truncated(c) {
		r.metrics.verdicts[fold.Older].Inc()
		return nil
	}
	known := fold.Known{Deleted: fold.NoOffset}
	r.scratch.image = nil
	if c.Incomplete || c.Offset <= r.replayUntil || (c.Op == tables.Delete && c.NewKey != "") {
		if err := r.lookUp(&known, c); err != nil {
			return err
		}
	}
	out := r.rules.Fold(known, c)
	switch {
	case out.Verdict == fold.Older:
	case out.Delete:
		if err := r.removeRow(k, c, known.Row); err != nil {
			return err
		}
	default:
		if !r.setRow(k, e, &out.Row) {
			return nil
		}
	}
	r.metrics.verdicts[out.Verdict].Inc()
	return nil
}

// lookUp reads what is known of a change's key. The steady state has no need of it.
func (r *run) lookUp(known *fold.Known, c *tables.Change) error {
	row, err := r.readRow(string(c.Key), &r.scratch.row, &r.scratch.values)
	if err != nil {
		return err
	}
	known.Row = row
	if row != nil {
		return nil
	}
	t, ok, err := r.store.Tomb(string(c.Key))
	if err != nil {
		return err
	}
	if ok {
		known.Deleted, r.scratch.image = t.Offset, t.Image
	}
	if c.Incomplete && c.OldKey != "" {
		known.Last, err = r.lastOf(c)
	}
	return err
}

func (r *run) readRow(key string, row *tables.Row, values *[]tables.Value) (*tables.Row, error) {
	b, err := r.store.Get(key)
	if b == nil || err != nil {
		return nil, err
	}
	return r.decodeRow(b, row, values)
}

// decodeRow reads a state row. One of other columns keeps its place in the order, not its values.
func (r *run) decodeRow(b []byte, row *tables.Row, values *[]tables.Value) (*tables.Row, error) {
	s, err := codecs.ParseStateRow(b)
	if err != nil {
		return nil, err
	}
	if s.Fingerprint != r.fingerprint {
		*row = tables.Row{Offset: s.Offset, Time: s.Time, Source: s.Source, Hidden: s.Hidden}
		return row, nil
	}
	if *row, err = s.Row(*values); err != nil {
		return nil, err
	}
	*values = row.Values
	return row, nil
}

// lastOf finds the last row of the key that a change of primary key has left: it was
// deleted at the very position of the change.
func (r *run) lastOf(c *tables.Change) (*tables.Row, error) {
	t, ok, err := r.store.Tomb(string(c.OldKey))
	if err != nil || !ok || t.Image == nil {
		return nil, err
	}
	last, err := r.decodeRow(t.Image, &r.scratch.last, &r.scratch.more)
	if err != nil || (last.Source.Known() && c.Source.Known() && last.Source != c.Source) {
		return nil, err
	}
	return last, nil
}

// removeRow deletes the row, also where there is none: after a failed produce the
// changelog may still have it.
func (r *run) removeRow(k tableKey, c *tables.Change, row *tables.Row) error {
	t := state.Tomb{Offset: c.Offset}
	if c.NewKey != "" {
		t.Image = r.scratch.image
		if row != nil && len(row.Values) == r.columns {
			last := *row
			last.Source = c.Source
			t.Image = codecs.AppendStateRow(nil, r.fingerprint, &last)
		}
	}
	r.begin(t)
	k.remove(t.Image)
	return nil
}

// rowRoom is what a state row needs around its values and document.
const rowRoom = 64

// setRow encodes and stores a row. It returns false when the row is too large for
// the changelog: the record goes to the dead letters then.
func (r *run) setRow(k tableKey, e *entry, row *tables.Row) bool {
	a := &r.log.pieces
	b := codecs.AppendStateRow(a.begin(e.size+rowRoom), r.fingerprint, row)
	if n := len(e.change.Key) + len(b) + recordRoom; n > r.maxRecord {
		e.field = "row"
		e.reason = fmt.Sprintf("it takes %d bytes and the topic %s accepts %d", n, r.names.Table, r.maxRecord)
		r.deadLetter(e, k.ctx.DeferCommit())
		return false
	}
	r.encoded = a.keep(b)
	r.begin(state.Tomb{Offset: e.offset})
	k.set()
	return true
}

// recordRoom is what a record needs around its key and value, headers included.
const recordRoom = 256
