package apply

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/tables"
)

// lookUp reads what is known of a change's key.
func (a *Applier) lookUp(known *fold.Known, c *tables.Change) error {
	row, err := a.readRow(string(c.Key), &a.scratch.row, &a.scratch.values)
	if err != nil {
		return err
	}
	if known.Row = row; row != nil {
		known.Source, known.Time = row.LastStreamed()
		known.SourcePartition, known.Precedence = row.SourcePartition, row.Precedence()
	} else if err := a.lookUpDeletion(known, c); err != nil {
		return err
	}
	if c.Incomplete && c.OldKey != "" && !sameChange(row, c) {
		known.Last, _, err = a.lastOf(c.OldKey, c.Key, c.Source)
	}
	if err == nil && c.Incomplete && row == nil && (known.Last == nil || len(known.Last.Values) == 0) {
		err = a.lastFromPrevious(known, c.Key)
	}
	return err
}

func (a *Applier) lookUpDeletion(known *fold.Known, c *tables.Change) error {
	t, ok, err := a.store.Tomb(string(c.Key))
	if err != nil || !ok {
		return err
	}
	known.Deleted = t.Offset
	if t.Deletion == nil {
		return nil
	}
	d, err := wire.ParseDeletion(t.Deletion)
	if err != nil {
		return err
	}
	if d.GivenUp {
		knowGivenUp(known, &d, c)
		return nil
	}
	if !d.Source.Snapshot {
		known.Source, known.Time = d.Source, d.Time
	}
	known.SourcePartition, known.Precedence = d.SourcePartition, d.Precedence()
	return nil
}

// knowGivenUp is lookUpDeletion for a row that was given up. The position is that of another
// partition's change: what the source sends again from before it is a repetition, but no
// snapshot's row hands it on as this partition's.
func knowGivenUp(known *fold.Known, d *wire.Deletion, c *tables.Change) {
	known.GivenUp = true
	if !c.Source.Snapshot && !d.Source.Snapshot {
		known.Source, known.Time = d.Source, d.Time
	}
}

// sameChange reports whether a row comes from this very change.
func sameChange(row *tables.Row, c *tables.Change) bool {
	if row == nil {
		return false
	}
	return row.Offset == c.Offset || row.Source.Known() && !row.Source.Snapshot && row.Source.Same(c.Source)
}

func (a *Applier) readRow(key string, row *tables.Row, values *[]tables.Value) (*tables.Row, error) {
	b, err := a.store.Get(key)
	if b == nil || err != nil {
		return nil, err
	}
	return a.decodeRow(b, row, values)
}

// decodeRow reads a state row. One of other columns keeps its position in the order, not its values.
func (a *Applier) decodeRow(b []byte, row *tables.Row, values *[]tables.Value) (*tables.Row, error) {
	s, err := wire.ParseStateRow(b)
	if err != nil {
		return nil, err
	}
	if s.Fingerprint != a.opts.Fingerprint {
		*row = tables.Row{
			Offset: s.Offset, Time: s.Time, Source: s.Source, Hidden: s.Hidden, Streamed: s.Streamed, StreamedTime: s.StreamedTime,
			Logged: s.Logged, SourcePartition: s.SourcePartition, Unsettled: s.Unsettled,
		}
		return row, nil
	}
	if *row, err = s.Row(*values); err != nil {
		return nil, err
	}
	*values = row.Values
	return row, nil
}

// lastFromPrevious lets a change continue the previous generation's row, if there is one.
func (a *Applier) lastFromPrevious(known *fold.Known, key tables.Key) error {
	row, err := a.previousRow(key)
	if row != nil {
		known.Last = row
	}
	return err
}

// previousRow returns the row that the previous generation has of a key: for a change that
// lacks values where the table has no row, since the event that held them is older than
// what is read again.
func (a *Applier) previousRow(key tables.Key) (*tables.Row, error) {
	b, err := a.store.Previous.Get(string(key))
	if len(b) == 0 || err != nil {
		return nil, err
	}
	return a.decodeRow(b, &a.scratch.older, &a.scratch.oldValues)
}
