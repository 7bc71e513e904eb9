package processors

import (
	"encoding/binary"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// The other side of images.go: a partition is asked for the image of a row that went
// on under another key. When it has the image, or knows that there was no row, it says
// so at once. Otherwise it remembers the wish: the deletion may be still to come. It
// declines when it has read everything that the source held a moment after it was
// asked, or events from well after the one that asks; and it answers all the same when the
// deletion comes later.

// pair is an old key and the one that it became.
type pair struct{ old, new tables.Key }

// wish is what another partition has asked for and has not got.
type wish struct {
	codecs.Control
	declined bool
}

// maxWishes bounds the memory for wishes. Beyond it they are declined and forgotten.
const maxWishes = 10_000

// certain is how much later by the database's clock an event must be to say that a
// deletion will not come any more.
const certain = time.Second

// expired reports whether nobody can be interested in a wish any more.
func (r *run) expired(c *codecs.Control) bool {
	return r.opts.Clock().Sub(time.UnixMicro(c.Started)) > state.WishKept
}

// wish deals with another partition's question.
func (r *run) wish(c codecs.Control, offset int64) error {
	if r.expired(&c) {
		return r.controlDone(offset) // read again after a loss of the local state
	}
	name := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, uint32(c.Partition)), uint64(c.Offset))
	if err := r.store.PutWish(string(name), c.Started, codecs.AppendControl(nil, c)); err != nil {
		return err
	}
	if err := r.answer(c); err != nil {
		return err
	}
	return r.controlDone(offset)
}

// answer answers a wish, or remembers it.
func (r *run) answer(c codecs.Control) error {
	image, err := r.imageOf(c.OldKey, c.NewKey, c.Source)
	if err != nil {
		return err
	}
	if image != nil {
		return r.grant(c, image)
	}
	r.forgetWishes()
	w := &wish{Control: c}
	r.undeclined++
	if r.openWishes >= maxWishes {
		r.decline(w)
		return nil
	}
	k := pair{c.OldKey, c.NewKey}
	r.wishes[k] = append(r.wishes[k], w)
	r.openWishes++
	if r.wanted != nil && later(r.wanted.e.change.Time, r.wanted.e.change.Source, &c) {
		r.decline(w) // or both would wait for each other
		return nil
	}
	r.goBackground(func() { r.check(r.awaitDeletion(w)) })
	return nil
}

// grace is how long after the question a deletion may become visible that was written
// before the insert: a producer writes to partitions side by side.
const grace = time.Second

// awaitDeletion waits for that, and then has the wish declined when everything is read
// that the source holds by then.
func (r *run) awaitDeletion(w *wish) error {
	wait := time.NewTimer(grace)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-r.workCtx.Done():
		return nil
	}
	end, err := r.offsets.GetOffset(r.sourceTopic, r.partition, sarama.OffsetNewest)
	if err != nil {
		return fmt.Errorf("offsets of %s/%d: %w", r.sourceTopic, r.partition, err)
	}
	r.reach.add(end, w)
	tell(r.released)
	return nil
}

// forgetWishes drops those that nobody waits for any more, when there are many.
func (r *run) forgetWishes() {
	if r.openWishes < maxWishes {
		return
	}
	for k, ws := range r.wishes {
		left := ws[:0]
		for _, w := range ws {
			if !r.expired(&w.Control) {
				left = append(left, w)
			}
		}
		r.openWishes -= len(ws) - len(left)
		if r.wishes[k] = left; len(left) == 0 {
			delete(r.wishes, k)
		}
	}
}

// grant sends the image, or that there was no row.
func (r *run) grant(c codecs.Control, image []byte) error {
	row, err := codecs.ParseStateRow(image)
	if err != nil {
		return err
	}
	kind, body := codecs.ImageFound, string(image)
	if len(row.ValueBytes) == 0 {
		kind, body = codecs.ImageNone, ""
	}
	r.reply(c, codecs.Control{Kind: kind, Body: body, Final: kind == codecs.ImageNone})
	return nil
}

// decline says that there is no image here, for all that is known by now.
func (r *run) decline(w *wish) {
	if w.declined {
		return
	}
	w.declined = true
	r.undeclined--
	r.reply(w.Control, codecs.Control{Kind: codecs.ImageNone})
}

func (r *run) reply(to, c codecs.Control) {
	c.Started, c.Partition, c.Offset = r.opts.Clock().UnixMicro(), r.partition, to.Offset
	c.OldKey, c.NewKey, c.Time, c.Source = to.OldKey, to.NewKey, to.Time, to.Source
	rec := kgo.Record{Topic: r.names.Batch, Partition: to.Partition, Value: codecs.AppendControl(nil, c)}
	r.log.other(rec, r.mustHave) // wishes are answered anew by the next run
}

// grantWishes is told of a deletion that is half of a change of primary key.
func (r *run) grantWishes(old, new tables.Key) error {
	k := pair{old, new}
	ws := r.wishes[k]
	var left []*wish
	for _, w := range ws {
		image, err := r.imageOf(old, new, w.Source)
		if err != nil {
			return err
		}
		if image == nil {
			left = append(left, w)
			continue
		}
		if err := r.grant(w.Control, image); err != nil {
			return err
		}
		if !w.declined {
			w.declined = true
			r.undeclined--
		}
	}
	if len(ws) > 0 {
		r.openWishes -= len(ws) - len(left)
		if r.wishes[k] = left; len(left) == 0 {
			delete(r.wishes, k)
		}
	}
	return nil
}

// declineBehind declines the wishes of events that are before an event of this
// partition which has been reached: their deletions would have been before it.
func (r *run) declineBehind(at int64, source tables.SourcePosition) {
	if r.undeclined == 0 {
		return
	}
	for _, ws := range r.wishes {
		for _, w := range ws {
			if !w.declined && later(at, source, &w.Control) {
				r.decline(w)
			}
		}
	}
}

// later reports whether an event is behind the one that asks, in the database's order.
func later(at int64, source tables.SourcePosition, c *codecs.Control) bool {
	if !ordered(source, c.Source) || at < c.Time {
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
func (r *run) reachedEnd(next int64) {
	for _, w := range r.reach.take(next) {
		r.decline(w)
	}
}

// loadWishes answers what an earlier run was asked, once more.
func (r *run) loadWishes() error {
	r.wishes = map[pair][]*wish{}
	return r.store.Wishes(func(_ string, _ int64, value []byte) error {
		c, err := codecs.ParseControl(value)
		if err != nil {
			return err
		}
		if r.expired(&c) {
			return nil
		}
		return r.answer(c)
	})
}

// reach tells the feeder which ends of the source somebody waits for.
type reach struct {
	next atomic.Int64 // the lowest of them, or the largest number

	mu    sync.Mutex
	marks []reachMark
}

type reachMark struct {
	end int64
	w   *wish
}

func (r *reach) add(end int64, w *wish) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.marks = append(r.marks, reachMark{end, w})
	r.next.Store(min(r.next.Load(), end))
}

// due reports whether somebody waits for the offset or one before, once.
func (r *reach) due(next int64) bool {
	if r.next.Load() > next {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	lowest := int64(math.MaxInt64)
	for _, m := range r.marks {
		if m.end > next {
			lowest = min(lowest, m.end)
		}
	}
	r.next.Store(lowest)
	return true
}

// take returns the wishes that waited for the offset or one before.
func (r *reach) take(next int64) (out []*wish) {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := r.marks[:0]
	for _, m := range r.marks {
		if m.end <= next {
			out = append(out, m.w)
		} else {
			left = append(left, m)
		}
	}
	clear(r.marks[len(left):])
	r.marks = left
	return out
}
