package apply

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/tables"
)

// lastDeletion is the deletion that was met last: the connector's own tombstone, which says
// nothing of its position, follows the event that it belongs to.
type lastDeletion struct {
	key             tables.Key
	offset          int64
	sourcePartition int32
	source          tables.SourcePosition
	time            int64
	// event says that it was an event, and not a tombstone without one.
	event bool
	// passedOver says that it was a repetition, or outrun, and not written.
	passedOver bool
}

// deletionFrom returns the deletion of an entry.
func deletionFrom(e *pending.Entry) lastDeletion {
	c := &e.Change
	return lastDeletion{key: c.Key, offset: c.Offset, sourcePartition: c.SourcePartition, event: !e.IsTombstone()}
}

// followsLastDeletion reports whether a change is the connector's tombstone of the deletion that was
// met last. Where that deletion had no position, another deletion of the key may follow it as well.
func (a *Applier) followsLastDeletion(e *pending.Entry) bool {
	g, c := &a.lastDeletion, &e.Change
	if c.Op != tables.Delete || c.Source.Known() || !e.IsTombstone() || !g.event || g.key != c.Key || g.sourcePartition != c.SourcePartition {
		return false
	}
	return c.Offset == g.offset+1 || g.source.Known() && !g.passedOver
}

// deletionOf is what a tombstone of ours says of a deletion. A deletion without a position takes
// that of the row that it deletes; it keeps a clock of its own.
func (a *Applier) deletionOf(e *pending.Entry, known *fold.Known) wire.Deletion {
	c := &e.Change
	d := wire.Deletion{
		Read: e.Raw.Time.UnixMicro(), Time: c.Time, Source: c.Source, NewKey: c.NewKey, Logged: c.Logged, SourcePartition: c.SourcePartition,
	}
	switch {
	case c.Source.Known():
	case known.Elsewhere(c) || known.GivenUp: // what is known is another partition's
	case a.followsLastDeletion(e) && !a.lastDeletion.passedOver:
		d.Source, d.Time = a.lastDeletion.source, a.lastDeletion.time
	case e.IsTombstone() && known.Deleted != fold.NoOffset && known.Deleted >= c.Offset-1: // of a deletion that an earlier run has met
		d.Source, d.Time = known.Source, known.Time
	case !known.Source.Known():
	case known.Row != nil:
		d.Source, d.Time = justAfter(known.Source), known.Time
	default:
		d.Source, d.Time = known.Source, known.Time
	}
	return d
}
