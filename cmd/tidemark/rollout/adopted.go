package rollout

import (
	"context"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/rows"
)

// Each partition counts the rows that it has taken over or left out. A key whose bytes have changed has a
// row in several of them, and is counted by each: what is reported counts it once.

// adoptedTwice is by how much too many rows are counted as taken over. from is where each partition began to
// read the source again: what is before it was taken over. A key that the source mentioned was not.
func adoptedTwice(ctx context.Context, next *views.View, from map[int32]int64) (over int64, err error) {
	err = next.EachDuplicate(ctx, func(_ tables.Key, all []rows.Copy) error {
		adopted, told := int64(0), false
		for i := range all {
			at, err := toldAt(&all[i])
			switch {
			case err != nil:
				return err
			case at >= from[all[i].Partition]:
				told = true
			case all[i].Kind != rows.Gone:
				adopted++
			}
		}
		over += adopted
		if adopted > 0 && !told {
			over--
		}
		return nil
	})
	return over, err
}

// toldAt is the offset of the source's record that a row or a deletion is of. A row that was taken over is
// in the changelog behind all that was read again.
func toldAt(c *rows.Copy) (int64, error) {
	if c.Kind == rows.Gone {
		return c.Offset, nil
	}
	s, err := wire.ParseStateRow(c.Bytes)
	return s.Offset, err
}

// sweptTwice is by how much too many rows are counted as left out. A key that the source mentioned in one
// partition was not.
func sweptTwice(ctx context.Context, old, next *views.View) (over int64, err error) {
	err = old.EachDuplicate(ctx, func(key tables.Key, all []rows.Copy) error {
		had := views.RowsAmong(all)
		has, err := next.RowCopies(key)
		if had == 0 || err != nil {
			return err
		}
		over += int64(max(0, had-has))
		if has == 0 {
			over--
		}
		return nil
	})
	return over, err
}

// countedOnce corrects the counts of a build by what the views have of keys in several partitions.
func (c *Controller) countedOnce(ctx context.Context, b *wire.Build, next *Generation, p seed.Progress) wire.Bootstrap {
	sum, old := p.Sum(), c.seen.current()
	if old.view == nil || next.view == nil {
		return sum
	}
	from := map[int32]int64{}
	for i := range p.Partitions {
		from[p.Partitions[i].Partition] = p.Partitions[i].From
	}
	var over int64
	var err error
	switch seed.Rows(b.Plan.Rows) {
	case seed.Adopt:
		over, err = adoptedTwice(ctx, next.view, from)
		sum.Adopted = max(0, sum.Adopted-over)
	case seed.Sweep:
		over, err = sweptTwice(ctx, old.view, next.view)
		sum.Swept = max(0, sum.Swept-over)
	}
	if err != nil {
		c.events.KeysCountedTwice(events.KeysCountedTwice{Err: err})
		return p.Sum()
	}
	return sum
}
