package processors

import (
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// The other side of outrun.go. A row is given up when another partition has a later change
// of its key, by the rule that views go by; an unsettled order gives up nothing. What is
// written is a tombstone that says so (codecs.Deletion.GivenUp), under the offset of the
// row's own source record: no later event looks like a replay, and nothing is told of the
// source that was not told before. The state keeps it as it keeps deletions, and with it
// that record, and whatever is older, brings nothing back.
//
// A batch must not miss a row that is given up here while the later change is not in it
// there. Whoever asks tells the newest batch that it has met after that change; when this
// partition has made that one, and is making none, all later batches have both.

// askedFor bounds the age of a request: read again after a loss of the local state it would
// speak of what was long ago. A view that still knows the key names it again.
const askedFor = 10 * time.Minute

// giveUp deals with a request to give up rows.
func (r *run) giveUp(c bus.Record, done bus.Done) error {
	if !r.mayGiveUp(&c.Control, c.Fed) {
		return done.Now()
	}
	asked, err := wire.ParseOutruns([]byte(c.Body))
	if err != nil {
		r.noteUnreadable(r.names.Batch, c.At, err)
		return done.Now()
	}
	all := rowwriter.NewAcks(done.When)
	for i := range asked {
		if err = r.giveUpRow(&asked[i], c.Partition, all); err != nil {
			break
		}
	}
	all.Close(err)
	return err
}

// mayGiveUp reports whether the state is all that the source says, and no batch is between
// here and the partition that asks.
func (r *run) mayGiveUp(c *wire.Control, fed int64) bool {
	if !r.several() || !r.isFilled() || r.outruns.kept.Load() || c.Partition == r.partition || c.Partition < 0 || c.Partition >= r.partitions {
		return false
	}
	last, _ := r.catalog.Known(r.partition)
	if r.cutter.Asked() > last.Batch || c.Batch > last.Batch || r.cutAt(fed) < r.wholeFrom {
		return false
	}
	return r.opts.Clock().Sub(time.UnixMicro(c.Started)) < askedFor
}

// giveUpRow gives up the row of a key, if it is from before the change of another partition.
// One that was given up is written again: its tombstone may not have reached the changelog.
func (r *run) giveUpRow(o *wire.Outrun, other int32, all *rowwriter.Acks) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	k := target{key: string(o.Key), acks: all}
	b, err := r.store.Get(k.key)
	if err != nil {
		return err
	}
	if b == nil {
		t, there, err := r.store.Tomb(k.key)
		if err != nil || !there || !wire.IsGivenUp(t.Told) {
			return err
		}
		return r.removeAgain(k, t)
	}
	row, err := wire.ParseStateRow(b)
	if err != nil {
		return nil //nolint:nilerr // it is found when it is needed
	}
	if order, settled := row.Standing().Compare(o.Later); order >= 0 || !settled {
		return nil
	}
	d := wire.Deletion{
		Read: r.opts.Clock().UnixMicro(), Time: o.Later.Time, Source: o.Later.Source, Logged: o.Later.Logged, Home: other + 1, GivenUp: true,
	}
	r.metrics.givenUp.Inc()
	return r.rows.Delete(k.key, &rowwriter.Deletion{Says: d, From: originOfDeletion(row.Offset, &d), Offset: row.Offset}, all.DeferCommit())
}

// originOfDeletion is where a deletion comes from. A row that is given up says nothing of
// this partition's place in the database's log.
func originOfDeletion(offset int64, d *wire.Deletion) state.Origin {
	if d.GivenUp {
		return state.Origin{Offset: offset}
	}
	return state.Origin{Offset: offset, Source: d.Source, Time: d.Time, Latest: d.Time}
}

// cameBack reports whether a record of the changelog is the row that was given up, written
// once more by a writer that had lost the partition.
func cameBack(t *state.Tomb, offset int64, row bool) bool {
	return row && t.Offset == offset && wire.IsGivenUp(t.Told)
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
