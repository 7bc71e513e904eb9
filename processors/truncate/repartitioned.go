package truncate

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/rowwriter"
)

// meetRepartitioned empties this partition of the topic by keys: each has the truncate at
// its own offset among the changes. What is before it goes, but for what the
// database has put behind it, where the source has several partitions: these may be
// read in any order. What comes later from another of them and is older goes as well.
func (t *Truncates) meetRepartitioned(e *Event, done func(error)) error {
	t.Events.TableTruncatedRepartitioned(events.TableTruncatedRepartitioned{SourcePartition: e.Partition, SourceOffset: e.SourceOffset})
	at, alone := e.Offset, e.Alone
	t.emptied = at
	if err := t.state.Truncates.SetHere(at); err != nil {
		return err
	}
	c := wire.Control{
		Kind: wire.TruncateControl, Partition: e.Partition, Offset: e.SourceOffset, Time: e.Time, Source: e.Source,
	}
	if !alone {
		if err := t.setWatermark(watermark{control: c, until: at + 1}); err != nil {
			return err
		}
	}
	all := rowwriter.NewAcks(done)
	// A successor without local state must know of the truncate.
	t.Rows.Send(kgo.Record{Topic: t.Topic, Partition: t.Partition, Value: t.request(at, e.Time, e.Source)}, all.DeferCommit())
	d := wire.Deletion{
		Read: e.Read.UnixMicro(), Time: e.Time, Source: e.Source, Truncate: true, Partition: t.Partition, Offset: at,
	}
	err := t.removeRows(&d, all, func(row *wire.StateRow) bool {
		return row.Offset < at && (alone || !after(row.Source, row.Time, &c))
	})
	all.Close(err)
	return err
}
