package processors

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

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
func (r *run) apply(k target, e *entry) error {
	c := &e.change
	r.answerer.Passes(c)
	if r.truncates.Outlived(&e.change, e.raw.Partition) {
		r.metrics.verdicts[fold.Older].Inc()
		return nil
	}
	if r.gone.passedOver && r.behindGone(e) {
		r.metrics.verdicts[fold.Repeated].Inc()
		return nil
	}
	known := fold.Known{Deleted: fold.NoOffset, Again: e.behind}
	if r.mustLook(e) {
		if err := r.lookUp(&known, c); err != nil {
			return err
		}
	}
	if r.lacksImage(&known, c) {
		r.askForImage(e, k.acks.DeferCommit())
		return nil
	}
	_, err := r.fold(k, e, &known)
	return err
}

// mustLook reports whether what is known of a change's key matters: for values that
// the change does not carry, where the change may have been applied before, where the
// source may have sent it before, and where a row's place in the database's log must
// be handed on. The steady state has no need of it.
func (r *run) mustLook(e *entry) bool {
	c := &e.change
	switch {
	case c.Incomplete, c.Offset <= r.replayUntil, e.behind, e.elsewhere:
		return true
	case c.Op == tables.Delete:
		if c.Source.Known() || r.behindGone(e) && !r.gone.passedOver {
			return c.NewKey != ""
		}
		return c.NewKey != "" || r.placed() || c.Offset == r.began
	}
	return c.Source.Snapshot && r.placed()
}

// placed reports whether the partition has rows from streamed events with a position.
func (r *run) placed() bool {
	if !r.streamed {
		source, _ := r.store.Streamed()
		r.streamed = source.Known()
	}
	return r.streamed
}

// fold writes what becomes of a change. It returns what it did.
func (r *run) fold(k target, e *entry, known *fold.Known) (fold.Verdict, error) {
	c := &e.change
	out := r.rules.Fold(*known, c)
	switch {
	case out.Verdict.Passes():
		if out.Delete && out.Verdict != fold.Older {
			r.gone = goneBy(e)
			r.gone.passedOver = true
		}
	case out.Delete:
		if err := r.removeRow(k, e, known); err != nil {
			return out.Verdict, err
		}
	default:
		if err := r.setRow(k, e, &out.Row); err != nil {
			return out.Verdict, err
		}
		if e.action == doDead {
			return out.Verdict, nil
		}
	}
	r.metrics.verdicts[out.Verdict].Inc()
	return out.Verdict, nil
}

// lookUp reads what is known of a change's key.
func (r *run) lookUp(known *fold.Known, c *tables.Change) error {
	row, err := r.readRow(string(c.Key), &r.scratch.row, &r.scratch.values)
	if err != nil {
		return err
	}
	if known.Row = row; row != nil {
		known.Source, known.Time = row.LastStreamed()
		known.Home, known.Standing = row.Home, row.Standing()
	} else if err := r.lookUpDeletion(known, c); err != nil {
		return err
	}
	if c.Incomplete && c.OldKey != "" && !sameChange(row, c) {
		known.Last, _, err = r.lastOf(c.OldKey, c.Key, c.Source)
	}
	if err == nil && c.Incomplete && row == nil && (known.Last == nil || len(known.Last.Values) == 0) {
		err = r.lastFromOlder(known, c.Key)
	}
	return err
}

func (r *run) lookUpDeletion(known *fold.Known, c *tables.Change) error {
	t, ok, err := r.store.Tomb(string(c.Key))
	if err != nil || !ok {
		return err
	}
	known.Deleted = t.Offset
	if t.Told == nil {
		return nil
	}
	d, err := wire.ParseDeletion(t.Told)
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
	known.Home, known.Standing = d.Home, d.Standing()
	return nil
}

// sameChange reports whether a row comes from this very change.
func sameChange(row *tables.Row, c *tables.Change) bool {
	if row == nil {
		return false
	}
	return row.Offset == c.Offset || row.Source.Known() && !row.Source.Snapshot && row.Source.Same(c.Source)
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
	s, err := wire.ParseStateRow(b)
	if err != nil {
		return nil, err
	}
	if s.Fingerprint != r.fingerprint {
		*row = tables.Row{
			Offset: s.Offset, Time: s.Time, Source: s.Source, Hidden: s.Hidden, Streamed: s.Streamed, StreamedTime: s.StreamedTime,
			Logged: s.Logged, Home: s.Home, Unsettled: s.Unsettled,
		}
		return row, nil
	}
	if *row, err = s.Row(*values); err != nil {
		return nil, err
	}
	*values = row.Values
	return row, nil
}

// gone is the deletion that was met last: the connector's own tombstone, which says
// nothing of its place, follows the event that it belongs to.
type gone struct {
	key    tables.Key
	offset int64
	home   int32
	source tables.SourcePosition
	time   int64
	// event says that it was one, and not a tombstone, which is nobody's but its own.
	event bool
	// passedOver says that it was a repetition, or outrun, and not written.
	passedOver bool
}

// goneBy is the deletion that an entry is.
func goneBy(e *entry) gone {
	c := &e.change
	return gone{key: c.Key, offset: c.Offset, home: c.Home, event: !isTombstone(e)}
}

// behindGone reports whether a change is the connector's tombstone of the deletion that was
// met last. Where that told no position, another deletion of the key may follow it as well.
func (r *run) behindGone(e *entry) bool {
	g, c := &r.gone, &e.change
	if c.Op != tables.Delete || c.Source.Known() || !isTombstone(e) || !g.event || g.key != c.Key || g.home != c.Home {
		return false
	}
	return c.Offset == g.offset+1 || g.source.Known() && !g.passedOver
}

func isTombstone(e *entry) bool { return len(e.raw.Value) == 0 || string(e.raw.Value) == "null" }

// deletionOf is what a tombstone of ours says of a deletion. One that tells no position takes
// that of what it deletes; a clock of its own it keeps.
func (r *run) deletionOf(e *entry, known *fold.Known) wire.Deletion {
	c := &e.change
	d := wire.Deletion{
		Read: e.raw.Time.UnixMicro(), Time: c.Time, Source: c.Source, NewKey: c.NewKey, Logged: c.Logged, Home: c.Home,
	}
	switch {
	case c.Source.Known():
	case known.Elsewhere(c) || known.GivenUp: // what is known is another partition's
	case r.behindGone(e) && !r.gone.passedOver:
		d.Source, d.Time = r.gone.source, r.gone.time
	case isTombstone(e) && known.Deleted != fold.NoOffset && known.Deleted >= c.Offset-1: // of a deletion that an earlier run has met
		d.Source, d.Time = known.Source, known.Time
	case !known.Source.Known():
	case known.Row != nil:
		d.Source, d.Time = justAfter(known.Source), known.Time
	default:
		d.Source, d.Time = known.Source, known.Time
	}
	return d
}

// removeRow deletes the row, also where there is none: after a failed produce the
// changelog may still have it.
func (r *run) removeRow(k target, e *entry, known *fold.Known) error {
	c, d := &e.change, r.deletionOf(e, known)
	var image []byte
	if c.NewKey != "" {
		var err error
		last := known.Row
		if last == nil {
			if last, err = r.olderRow(c.Key); err != nil {
				return err
			}
		}
		if image, err = r.images.Keep(c, last); err != nil {
			return err
		}
	}
	r.gone = goneBy(e)
	r.gone.source, r.gone.time = d.Source, d.Time
	if err := r.rows.Delete(k.key, &rowwriter.Deletion{
		Says: d, From: state.Origin{Offset: c.Offset, Source: d.Source, Time: d.Time, Latest: d.Time}, Offset: c.Offset, Image: image,
	}, k.acks.DeferCommit()); err != nil {
		return err
	}
	if c.NewKey != "" {
		return r.answerer.Deleted(c.Key, c.NewKey)
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
func (r *run) setRow(k target, e *entry, row *tables.Row) error {
	b := wire.AppendStateRow(r.rows.Room(e.size+rowRoom), r.fingerprint, row)
	if why := r.limit.exceeds(len(e.change.Key), len(b)); why != "" {
		e.action, e.field, e.reason = doDead, "row", why
		if !k.letter {
			r.deadLetter(e, k.acks.DeferCommit())
		}
		return nil
	}
	if r.gone.key == e.change.Key {
		r.gone = gone{}
	}
	source, at := row.LastStreamed()
	from := state.Origin{Offset: e.offset, Source: source, Time: at, Latest: row.Time}
	return r.rows.Put(k.key, r.rows.Keep(b), from, k.acks.DeferCommit())
}

// keptFrom is the time from which on a deletion is kept. Where a key may stand in several
// partitions, one of them may come to an old change of it long after another has come to
// a later deletion: such deletions are kept from when they were met.
func (r *run) keptFrom(read int64) int64 {
	if r.partitions == 1 && r.stage == nil {
		return read
	}
	return max(read, r.opts.Clock().UnixMicro())
}
