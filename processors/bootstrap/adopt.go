package bootstrap

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// Register has the older rows looked at when the replay has come to its end.
func (f *Filling) Register(b *bus.Bus) { b.On(bus.Adopt, f.adopt) }

// adopt looks at every row of the older generation that the source has not deleted. It is
// called in-band, by goka's goroutine: nothing newer is folded meanwhile.
func (f *Filling) adopt(bus.Event) error {
	rec := f.get()
	newest := max(f.opts.Source.Next()-1, f.state.Applied())
	a := &adoption{Filling: f, from: rec.From, newest: newest, sweep: f.opts.Plan.Rows == seed.Sweep}
	if err := f.state.Previous.Each(a.row); err != nil {
		return err
	}
	// What was deleted meanwhile is no longer among them, nor is what lives in another
	// partition now: over all partitions these even out.
	swept := a.swept
	if rec.Old != rec.Kept {
		swept = rec.Old - a.found - (rec.Kept - a.found - a.swept)
	}
	f.change(func(s *wire.Bootstrap) { s.Adopted, s.Swept, s.Partial = a.adopted, swept, a.partial })
	f.looked <- struct{}{}
	return nil
}

// adoption takes older rows over, or counts those that are left out.
type adoption struct {
	*Filling
	from           int64
	newest         int64 // the highest source offset that the changelog has a record of
	sweep          bool
	found          int64 // rows that the source has sent, too
	adopted, swept int64
	partial        int64
}

// row takes an older row over, or leaves it out. A row of the table that is from before
// the stretch can only have been taken over before, by a run that was interrupted: it is
// written again.
func (a *adoption) row(key string, older, row []byte) error {
	if err := a.run.Alive(); err != nil {
		return err
	}
	if row != nil {
		s, err := wire.ParseStateRow(row)
		if err == nil && s.Offset >= a.from {
			a.found++
		}
		if err != nil || s.Offset >= a.from {
			return err
		}
		return a.write(key, row, s.Incomplete())
	}
	if a.sweep {
		a.swept++
		return nil
	}
	s, err := wire.ParseStateRow(older)
	if err != nil {
		return err
	}
	elsewhere := s.SourcePartition != 0 && !a.opts.Plan.From.Repartitioned() // the older changelog's partition: see doubles.go
	if s.Offset >= a.from || elsewhere {                                     // its event was read again and could not be used
		var moved tables.Row
		if moved, err = s.Row(nil); err != nil {
			return err
		}
		moved.Offset = min(moved.Offset, a.from-1)
		if elsewhere {
			moved.SourcePartition = 0
		}
		older = wire.AppendStateRow(nil, a.opts.Fingerprint, &moved)
	}
	return a.write(key, older, s.Incomplete())
}

// write puts a row under the offset of the newest change: everything before it is there,
// and what recovers or reads the changelog has no late record to suspect. Another process
// that had the partition meanwhile may have read further, and may have taken rows over.
func (a *adoption) write(key string, row []byte, partial bool) error {
	a.adopted++
	if partial {
		a.partial++
	}
	rows := a.run.Rows
	b := rows.Keep(append(rows.Room(len(row)), row...))
	return rows.Put(key, b, rowwriter.OriginOf(a.newest, b), ignoreAck)
}
