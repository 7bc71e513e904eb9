package processors

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// A change of primary key is a deletion of the old key and an insert of the new one,
// at one position of the database's log, and often in two partitions. The insert may
// lack values that only the old key's last row has: the row's image. Its partition
// keeps it; the insert's partition asks all others for it, reads nothing more until
// one has it or none does, and then writes the row: whoever sees the insert's position
// reflected sees the row whole. wishes.go is the side that answers.
//
// It never waits for longer than Options.ImageWait: then the row is served without
// the values, which are marked unavailable, and filled when the image comes late.

// wanted is an insert of this partition that waits for the image of the old key's row.
type wanted struct {
	e       *entry
	waiting map[int32]struct{} // partitions that have not answered
	all     *rowwriter.Acks
}

// mayWait reports whether an entry can come to wait for an image.
func (e *entry) mayWait() bool {
	c := &e.change
	return e.action == doFold && c.Incomplete && c.OldKey != "" && c.Op == tables.Upsert
}

// lacksImage reports whether an insert goes on a row of another partition, whose
// values it lacks.
func (r *run) lacksImage(known *fold.Known, c *tables.Change) bool {
	if !c.Incomplete || c.OldKey == "" || c.Op != tables.Upsert || r.partitions == 1 || known.Last != nil || sameChange(known.Row, c) {
		return false
	}
	place := known.Place(c)
	return place != fold.Older && place != fold.Repeated
}

// askForImage asks the other partitions. done is called when the row is written.
func (r *run) askForImage(e *entry, done func(error)) error {
	c := &e.change
	w := &wanted{e: e, waiting: map[int32]struct{}{}, all: rowwriter.NewAcks(r.untilOver(done))}
	value := wire.AppendControl(nil, wire.Control{
		Kind: wire.ImageWanted, Started: r.opts.Clock().UnixMicro(), Partition: r.partition, Offset: c.Offset,
		Time: c.Time, Source: c.Source, OldKey: c.OldKey, NewKey: c.Key,
	})
	for p := range r.partitions {
		if p != r.partition {
			w.waiting[p] = struct{}{}
			r.rows.Send(kgo.Record{Topic: r.names.Batch, Partition: p, Value: value}, w.all.DeferCommit())
		}
	}
	r.wanted = w
	r.declineBehind(c.Time, c.Source)
	return nil
}

// imageAnswer deals with another partition's answer.
func (r *run) imageAnswer(c bus.Record, done bus.Done) error {
	w := r.wanted
	switch {
	case w == nil || w.e.offset != c.Offset:
		if c.Kind == wire.ImageFound {
			return r.fillLate(c, done)
		}
	case c.Kind == wire.ImageFound:
		last, err := r.decodeRow([]byte(c.Body), &r.scratch.last, &r.scratch.more)
		if err != nil {
			r.logger.Warn("image of a row of another partition not used", "partition", c.Partition, "error", err)
			last = nil
		}
		if err := r.settle(last, imageFilled); err != nil {
			return err
		}
	default:
		if delete(w.waiting, c.Partition); len(w.waiting) == 0 || c.Final {
			if err := r.settle(nil, imageNone); err != nil {
				return err
			}
		}
	}
	return done.Now()
}

// settle writes the row that has waited, with the image or without.
func (r *run) settle(last *tables.Row, result string) (err error) {
	w := r.wanted
	r.wanted = nil
	r.metrics.images.WithLabelValues(result).Inc()
	defer func() { w.all.Close(err) }()
	c := &w.e.change
	if r.truncates.Before(c) {
		r.metrics.verdicts[fold.Older].Inc()
		return nil
	}
	known := fold.Known{Deleted: fold.NoOffset, Again: w.e.behind}
	if err := r.lookUp(&known, c); err != nil {
		return err
	}
	if last != nil {
		known.Last = last
	} else if n, yes := r.unfilled.minute(); yes {
		r.logger.Warn("rows served without the values of their last key's rows, which no partition had in time", "count", n, "offset", w.e.offset, "result", result)
	}
	_, err = r.fold(target{key: string(c.Key), acks: w.all}, w.e, &known)
	return err
}

// waitOver serves a row without the image that it has waited for.
func (r *run) waitOver(e bus.Event) error {
	offset := e.Offset
	if r.wanted == nil || r.wanted.e.offset != offset {
		return nil
	}
	var silent []int32
	for p := range r.wanted.waiting {
		silent = append(silent, p)
	}
	r.logger.Warn("row served without the values of its last key's row: other partitions have not answered",
		"offset", offset, "waited", r.opts.ImageWait, "silent", silent)
	return r.settle(nil, imageLate)
}

// fillLate fills a row whose image has come after all, if it is still the row that
// wanted it: the insert is read and folded once more.
func (r *run) fillLate(c bus.Record, done bus.Done) error {
	b, err := r.store.Get(string(c.NewKey))
	if err != nil {
		return err
	}
	if b != nil {
		row, err := wire.ParseStateRow(b)
		if err == nil && row.Offset == c.Offset && row.Incomplete() {
			r.readAgain(&again{done: done, offset: c.Offset, image: []byte(c.Body)})
			return nil
		}
	}
	return done.Now()
}

// foldLate is fillLate's second half, once the insert has been read.
func (r *run) foldLate(a *again) (err error) {
	e, c := a.entry, &a.entry.change
	all := rowwriter.NewAcks(a.done.When)
	defer func() { all.Close(err) }()
	if a.err != nil || e.action != doFold || r.truncates.Before(c) {
		r.logger.Warn("row not filled: its event is not there any more", "offset", a.offset, "error", a.err)
		return nil
	}
	known := fold.Known{Deleted: fold.NoOffset}
	if err := r.lookUp(&known, c); err != nil {
		return err
	}
	if known.Row == nil || known.Row.Offset != c.Offset {
		return nil // a newer change was faster
	}
	last, err := r.decodeRow(a.image, &r.scratch.last, &r.scratch.more)
	if err != nil {
		r.logger.Warn("image of a row of another partition not used", "error", err)
		return nil
	}
	known.Last = last
	r.metrics.images.WithLabelValues(imageFilledLate).Inc()
	_, err = r.fold(target{key: string(c.Key), acks: all}, e, &known)
	return err
}

// keepImage keeps the last row of a key that goes on under another one, for the
// insert that may need it. A deletion of nothing is kept, too: it says that there is
// no image. What is returned goes with the tombstone.
func (r *run) keepImage(c *tables.Change, row *tables.Row) ([]byte, error) {
	last := tables.Row{Offset: c.Offset}
	switch {
	case row != nil && len(row.Values) == r.columns:
		last = *row
	default:
		kept, err := r.imageOf(c.Key, c.NewKey, c.Source)
		if err != nil || kept != nil {
			return kept, err // of this very deletion: a tombstone follows it, or it is met again
		}
	}
	last.Source = c.Source
	image := wire.AppendStateRow(nil, r.fingerprint, &last)
	i := state.Image{Offset: c.Offset, At: r.opts.Clock().UnixMicro(), Row: image}
	return image, r.store.Images.Put(string(c.Key), string(c.NewKey), i)
}

// imageOf finds the last row of a key that became another one at the given position:
// the newest, where positions are not known. One without values says that there was
// no row. Nil when the deletion has not been met.
func (r *run) imageOf(old, new tables.Key, source tables.SourcePosition) ([]byte, error) {
	var found, empty []byte
	err := r.store.Images.Of(string(old), string(new), func(i state.Image) (bool, error) {
		s, err := wire.ParseStateRow(i.Row)
		if err != nil {
			return false, fmt.Errorf("image: %w", err)
		}
		exact := s.Source.Same(source)
		if !exact && s.Source.Known() && source.Known() {
			return true, nil
		}
		if len(s.ValueBytes) == 0 {
			if empty == nil {
				empty = i.Row
			}
			return true, nil
		}
		if found == nil || exact {
			found = i.Row
		}
		return !exact, nil
	})
	if found == nil {
		found = empty
	}
	return found, err
}

// lastOf returns the row that a change of primary key has left behind, decoded and as
// it is kept.
func (r *run) lastOf(old, new tables.Key, source tables.SourcePosition) (*tables.Row, []byte, error) {
	b, err := r.imageOf(old, new, source)
	if b == nil || err != nil {
		return nil, nil, err
	}
	row, err := r.decodeRow(b, &r.scratch.last, &r.scratch.more)
	return row, b, err
}
