package outrun

import (
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
)

// askedAtOnce bounds the keys in a control record, which is dealt with at one go.
const askedAtOnce = 64

// askOthers asks the owners of other partitions to give up rows that this one has a later
// change of, where the state says so, too. Nobody waits for the answer: a record that is lost
// is written again when the view names the key once more.
func (o *Outruns) askOthers(bus.Event) error {
	named := o.Named.take(o.Partition)
	if !o.may() {
		return nil
	}
	ask := map[int32][]wire.Outrun{}
	for i := range named {
		d := &named[i]
		if is, err := o.isLatest(d); err != nil {
			return err
		} else if !is {
			continue
		}
		for _, p := range d.Losing {
			if p != o.Partition && p >= 0 && p < o.Partitions {
				ask[p] = append(ask[p], d.Outrun)
			}
		}
	}
	for _, p := range slices.Sorted(maps.Keys(ask)) {
		for some := range slices.Chunk(ask[p], askedAtOnce) {
			o.ask(p, some)
		}
	}
	return nil
}

// isLatest reports whether the partition's newest change of a key is the one that the view
// has read: then the changelog has it. A deletion may have been forgotten here.
func (o *Outruns) isLatest(d *wire.DuplicateKey) (bool, error) {
	b, err := o.state.Get(string(d.Key))
	if err != nil {
		return false, err
	}
	if b != nil {
		row, err := wire.ParseStateRow(b)
		return err == nil && row.Precedence() == d.Later, nil //nolint:nilerr // of a row that nobody can read nothing is known
	}
	t, there, err := o.state.Tomb(string(d.Key))
	if err != nil || !there {
		return d.Deletion, err
	}
	if t.Deletion == nil || wire.IsGivenUp(t.Deletion) {
		return false, nil
	}
	deletion, err := wire.ParseDeletion(t.Deletion)
	return err == nil && deletion.Precedence() == d.Later, err
}

// ask writes a control record. It names the newest batch that this partition has met: what
// is asked for is not done before the other one has made that, so that no batch misses a row
// that is in none of its partitions.
func (o *Outruns) ask(partition int32, some []wire.Outrun) {
	value := wire.AppendControl(nil, wire.Control{
		Kind: wire.GiveUp, Batch: max(o.Made(), o.Asked()), Started: o.Clock().UnixMicro(),
		Partition: o.Partition, Body: string(wire.AppendOutruns(nil, some)),
	})
	rec := kgo.Record{Topic: o.Topic, Partition: partition, Value: value}
	o.Producer.Send(&rec, func(_ *kgo.Record, err error) {
		if err != nil {
			o.Events.GiveUpNotAsked(events.GiveUpNotAsked{Other: partition, Err: err})
		}
	})
}
