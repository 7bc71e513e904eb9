package outrun

import (
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
)

// A row is given up when another partition has a later change
// of its key, by the rule that views go by; an unsettled order gives up nothing. What is
// written is a tombstone that says so (codecs.Deletion.GivenUp), under the offset of the
// row's own source record: no later event looks like a replay, and readers see no position of
// the source that they did not know before. The state keeps it as it keeps deletions, and with it
// that record, and whatever is older, brings nothing back.
//
// A batch must not miss a row that is given up here while the later change is not in it
// there. The partition that asks names the newest batch that it has met after that change; when this
// partition has made that one, and is making none, all later batches have both.

// AskedFor bounds the age of a request: read again after a loss of the local state it would
// speak of what was long ago. A view that still knows the key names it again.
const AskedFor = 10 * time.Minute

// giveUp deals with a request to give up rows.
func (o *Outruns) giveUp(c bus.Record, done bus.Done) error {
	if !o.mayGiveUp(&c.Control, c.Fed) {
		return done.Now()
	}
	asked, err := wire.ParseOutruns([]byte(c.Body))
	if err != nil {
		o.Unreadable(c.At, err)
		return done.Now()
	}
	all := rowwriter.NewAcks(done.When)
	for i := range asked {
		if err = o.giveUpRow(&asked[i], c.Partition, all); err != nil {
			break
		}
	}
	all.Close(err)
	return err
}

// mayGiveUp reports whether the state is all that the source says, and no batch is between
// here and the partition that asks.
func (o *Outruns) mayGiveUp(c *wire.Control, fed int64) bool {
	if !o.may() || c.Partition == o.Partition || c.Partition < 0 || c.Partition >= o.Partitions {
		return false
	}
	made := o.Made()
	if o.Asked() > made || c.Batch > made || !o.Whole(fed) {
		return false
	}
	return o.Clock().Sub(time.UnixMicro(c.Started)) < AskedFor
}

// giveUpRow gives up the row of a key, if it is from before the change of another partition.
// One that was given up is written again: its tombstone may not have reached the changelog.
func (o *Outruns) giveUpRow(out *wire.Outrun, other int32, all *rowwriter.Acks) error {
	if err := o.Alive(); err != nil {
		return err
	}
	key := string(out.Key)
	b, err := o.state.Get(key)
	if err != nil {
		return err
	}
	if b == nil {
		t, there, err := o.state.Tomb(key)
		if err != nil || !there || !wire.IsGivenUp(t.Deletion) {
			return err
		}
		return o.Again(key, t, all)
	}
	row, err := wire.ParseStateRow(b)
	if err != nil {
		return nil //nolint:nilerr // it is found when it is needed
	}
	if order, settled := row.Precedence().Compare(out.Later); order >= 0 || !settled {
		return nil
	}
	d := wire.Deletion{
		Read: o.Clock().UnixMicro(), Time: out.Later.Time, Source: out.Later.Source, Logged: out.Later.Logged, SourcePartition: other + 1, GivenUp: true,
	}
	o.Count.Inc()
	return o.Rows.Delete(key, &rowwriter.Deletion{Says: d, From: state.Origin{Offset: row.Offset}, Offset: row.Offset}, all.DeferCommit())
}
