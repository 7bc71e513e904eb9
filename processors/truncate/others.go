package truncate

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/rowwriter"
)

// asked removes the rows that are before a truncate in another partition,
// and confirms it. The control record is done when the confirmation is written.
func (t *Truncates) asked(m bus.Record, done bus.Done) error {
	c := &m.Control
	if c.Partition == t.Partition {
		done.Release(nil)
		t.emptied = max(t.emptied, c.Offset)
		return errors.Join(t.state.Truncates.SetHere(t.emptied), done.Now())
	}
	if err := t.raiseWatermark(c); err != nil {
		done.Release(err)
		return err
	}
	value := wire.AppendControl(nil, wire.Control{
		Kind: wire.TruncatedControl, Started: t.Clock().UnixMicro(), Partition: t.Partition, Offset: c.Offset,
	})
	all := rowwriter.NewAcks(func(err error) {
		if err != nil {
			done.Release(err)
			return
		}
		// The acknowledgements' goroutine must not wait, neither for room nor for the disk.
		t.Later(func() {
			t.Rows.Send(kgo.Record{Topic: t.Topic, Partition: c.Partition, Value: value}, func(err error) {
				if err == nil {
					done.When(nil)
				}
				done.Release(err)
			})
		}, done.Release)
	})
	d := wire.Deletion{
		Read: c.Started, Time: c.Time, Source: c.Source, Truncate: true, Partition: c.Partition, Offset: c.Offset,
	}
	err := t.removeRows(&d, all, func(row *wire.StateRow) bool { return before(row.Source, row.Time, c) })
	all.Close(err)
	return err
}

// raiseWatermark keeps a truncate for the events that are still to be read.
func (t *Truncates) raiseWatermark(c *wire.Control) error {
	end, err := t.End()
	if err != nil {
		return err
	}
	w := watermark{control: *c, until: max(end, t.watermark.until)}
	if t.watermark.until > 0 && c.Time < t.watermark.control.Time {
		w.control = t.watermark.control // reported again, or late
	}
	return t.setWatermark(w)
}

func (t *Truncates) setWatermark(w watermark) error {
	t.watermark = w
	return t.state.Truncates.SetElsewhere(w.until, wire.AppendControl(nil, w.control))
}
