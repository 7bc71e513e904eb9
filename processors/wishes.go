package processors

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// The other side of images.go: a partition is asked for the image of a row that went
// on under another key. When it has the image, or knows that there was no row, it says
// so at once. Otherwise the wish is open: the deletion may be still to come. It is
// declined when everything was read that the source held a moment after it was asked, or
// events from well after the one that asks. What was declined is kept in the state alone,
// and answered all the same when the deletion comes later.

// pair is an old key and the one that it became.
type pair struct{ old, new tables.Key }

// wish is what another partition has asked for and has had no answer to.
type wish struct {
	wire.Control
	closed bool
	asked  time.Time // by this process's clock
}

func (w *wish) kept(declined bool) *state.Wish {
	return &state.Wish{
		Old: string(w.OldKey), New: string(w.NewKey), Partition: w.Partition, Offset: w.Offset,
		At: w.Started, Declined: declined, Value: wire.AppendControl(nil, w.Control),
	}
}

// maxWishes bounds the memory for open wishes: whoever asks waits, so there are few. Beyond
// it they are declined at once.
const maxWishes = 10_000

// certain is how much later by the database's clock an event must be to say that a
// deletion will not come any more.
const certain = time.Second

// expired reports whether nobody can be interested in a wish any more.
func (r *run) expired(c *wire.Control) bool {
	return r.opts.Clock().Sub(time.UnixMicro(c.Started)) > state.WishKept
}

// wish deals with another partition's question.
func (r *run) wish(m bus.Record, done bus.Done) error {
	c := m.Control
	if r.expired(&c) {
		return done.Now() // read again after a loss of the local state
	}
	w := &wish{Control: c, asked: time.Now()}
	if err := r.store.Wishes.Put(w.kept(false)); err != nil {
		return err
	}
	if err := r.answer(w); err != nil {
		return err
	}
	return done.Now()
}

// answer answers a wish, or leaves it open.
func (r *run) answer(w *wish) error {
	r.ages.add(w.Started)
	image, err := r.imageOf(w.OldKey, w.NewKey, w.Source)
	switch {
	case err != nil:
		return err
	case image != nil:
		return r.grant(w, image)
	case r.wanted != nil && later(r.wanted.e.change.Time, r.wanted.e.change.Source, &w.Control):
		r.decline(w) // or both would wait for each other
		return nil
	case r.undeclined >= maxWishes:
		if n, yes := r.crowd.minute(); yes {
			r.logger.Warn("questions for rows under their last key declined at once: too many are open", "count", n)
		}
		r.metrics.wishes.WithLabelValues(wishCrowded).Inc()
		r.decline(w)
		return nil
	}
	k := pair{w.OldKey, w.NewKey}
	r.wishes[k] = append(r.wishes[k], w)
	r.undeclined++
	r.questions.add(w)
	return nil
}

// close takes a wish from the open ones.
func (r *run) close(w *wish) {
	w.closed = true
	k := pair{w.OldKey, w.NewKey}
	left := r.wishes[k][:0]
	for _, o := range r.wishes[k] {
		if o != w {
			left = append(left, o)
			continue
		}
		r.undeclined--
	}
	if r.wishes[k] = left; len(left) == 0 {
		delete(r.wishes, k)
	}
}

// grant sends the image, or that there was no row. The wish is forgotten then.
func (r *run) grant(w *wish, image []byte) error {
	row, err := wire.ParseStateRow(image)
	if err != nil {
		return err
	}
	kind, body, result := wire.ImageFound, string(image), wishGranted
	if len(row.ValueBytes) == 0 {
		kind, body, result = wire.ImageNone, "", wishNoRow
	}
	r.metrics.wishes.WithLabelValues(result).Inc()
	r.close(w)
	r.ages.remove(w.Started)
	r.reply(w, wire.Control{Kind: kind, Body: body, Final: kind == wire.ImageNone}, answered{wish: w.kept(false), granted: true})
	return nil
}

// decline says that there is no image here, for all that is known by now.
func (r *run) decline(w *wish) {
	if w.closed {
		return
	}
	r.close(w)
	r.metrics.wishes.WithLabelValues(wishDeclined).Inc()
	r.reply(w, wire.Control{Kind: wire.ImageNone}, answered{wish: w.kept(true)})
}

// reply writes an answer. Until it is acknowledged the state says that there was none, and
// the next run answers anew.
func (r *run) reply(to *wish, c wire.Control, then answered) {
	c.Started, c.Partition, c.Offset = r.opts.Clock().UnixMicro(), r.partition, to.Offset
	c.OldKey, c.NewKey, c.Time, c.Source = to.OldKey, to.NewKey, to.Time, to.Source
	rec := kgo.Record{Topic: r.names.Batch, Partition: to.Partition, Value: wire.AppendControl(nil, c)}
	r.rows.Send(rec, func(err error) {
		if err != nil {
			r.stop(err)
			return
		}
		r.questions.answer(then)
	})
}

// grantWishes is told of a deletion that is half of a change of primary key.
func (r *run) grantWishes(old, new tables.Key) error {
	if !r.ages.any(r.opts.Clock()) {
		return nil
	}
	type asker struct {
		partition int32
		offset    int64
	}
	open := map[asker]*wish{}
	for _, w := range r.wishes[pair{old, new}] {
		open[asker{w.Partition, w.Offset}] = w
	}
	return r.store.Wishes.Of(string(old), string(new), func(kept *state.Wish) error {
		w := open[asker{kept.Partition, kept.Offset}]
		if w == nil {
			c, err := wire.ParseControl(kept.Value)
			if err != nil {
				return fmt.Errorf("wish in the local state: %w", err)
			}
			if r.expired(&c) {
				return nil
			}
			w = &wish{Control: c, closed: true}
		}
		image, err := r.imageOf(old, new, w.Source)
		if err != nil || image == nil {
			return err
		}
		return r.grant(w, image)
	})
}

// declineBehind declines the wishes of events that are before an event of this
// partition which has been reached: their deletions would have been before it.
func (r *run) declineBehind(at int64, source tables.SourcePosition) {
	if r.undeclined == 0 {
		return
	}
	var passed []*wish
	for _, ws := range r.wishes {
		for _, w := range ws {
			if later(at, source, &w.Control) {
				passed = append(passed, w)
			}
		}
	}
	for _, w := range passed {
		r.decline(w)
	}
}

// later reports whether an event is behind the one that asks, in the database's order.
func later(at int64, source tables.SourcePosition, c *wire.Control) bool {
	if !source.Comparable(c.Source) || at < c.Time {
		return false
	}
	return at > c.Time || source.Compare(c.Source) > 0
}

// notePassed declines wishes whose deletion cannot come any more, once an event from
// well after them has been met.
func (r *run) notePassed(c *tables.Change) {
	at := c.Time - certain.Microseconds()
	if at-r.passed < passedPace.Microseconds() {
		return // the next one will do
	}
	r.passed = at
	r.declineBehind(at, c.Source)
}

const passedPace = 100 * time.Millisecond

// reachedEnd declines the wishes whose end of the source has been reached.
func (r *run) reachedEnd(e bus.Event) error {
	for _, w := range r.reach.take(e.Offset) {
		r.decline(w)
	}
	return nil
}

// loadWishes takes up what an earlier run was asked: what was declined is granted if the
// image has come, the rest is answered anew.
func (r *run) loadWishes() error {
	r.wishes = map[pair][]*wish{}
	err := r.store.Wishes.Move(func(value []byte) (*state.Wish, error) {
		c, err := wire.ParseControl(value)
		if err != nil {
			return nil, fmt.Errorf("wish in the local state: %w", err)
		}
		return (&wish{Control: c}).kept(false), nil
	})
	if err != nil {
		return err
	}
	return r.store.Wishes.Each(func(kept *state.Wish) error {
		c, err := wire.ParseControl(kept.Value)
		if err != nil {
			return fmt.Errorf("wish in the local state: %w", err)
		}
		w := &wish{Control: c, asked: time.Now()}
		if r.expired(&c) {
			return nil
		}
		if !kept.Declined {
			return r.answer(w)
		}
		r.ages.add(c.Started)
		w.closed = true
		image, err := r.imageOf(c.OldKey, c.NewKey, c.Source)
		if err != nil || image == nil {
			return err
		}
		return r.grant(w, image)
	})
}
