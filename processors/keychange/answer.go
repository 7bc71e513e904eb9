package keychange

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// Answerer answers other partitions that ask for the before-image of a row that went
// on under another key. When this partition has the before-image, or knows that there was no row, it says
// so at once. Otherwise the request is open: the deletion may be still to come. It is
// declined when everything was read that the source held a moment after it was asked, or
// events from well after the one that asks. What was declined is kept in the state alone,
// and answered all the same when the deletion comes later.
type Answerer struct {
	*Options
	state        *state.Store
	beforeImages *BeforeImages
	asker        *Asker

	open   map[pair][]*request // not declined
	count  int                 // how many there are
	ages   ages                // of those in the state
	crowd  everyMinute         // of requests that there was no room for
	passed int64               // by the database's clock: up to where requests were declined
	ends   *ends
}

// Register has requests dealt with, and the ends of the source that they wait for.
func (a *Answerer) Register(b *bus.Bus) {
	b.Handle(wire.BeforeImageWanted, a.asked)
	b.On(bus.Reached, a.reachedEnd)
}

// expired reports whether no partition can use the answer to a request any more.
func (a *Answerer) expired(c *wire.Control) bool {
	return a.Clock().Sub(time.UnixMicro(c.Started)) > state.ImageRequestKept
}

// asked deals with another partition's request.
func (a *Answerer) asked(c bus.Record, done bus.Done) error {
	if a.expired(&c.Control) {
		return done.Now() // read again after a loss of the local state
	}
	q := &request{Control: c.Control, asked: time.Now()}
	if err := a.state.ImageRequests.Put(q.kept(false)); err != nil {
		return err
	}
	if err := a.answer(q); err != nil {
		return err
	}
	return done.Now()
}

// answer answers a request, or leaves it open.
func (a *Answerer) answer(q *request) error {
	a.ages.add(q.Started)
	image, err := a.beforeImages.Of(q.OldKey, q.NewKey, q.Source)
	switch p := a.asker.pending; {
	case err != nil:
		return err
	case image != nil:
		return a.grant(q, image)
	case p != nil && later(p.change.Time, p.change.Source, &q.Control):
		a.decline(q) // or both would wait for each other
		return nil
	case a.count >= MaxOpen:
		if n, yes := a.crowd.minute(); yes {
			a.Events.QuestionsDeclined(events.QuestionsDeclined{Count: n})
		}
		a.Metrics.Answers.WithLabelValues(Crowded).Inc()
		a.decline(q)
		return nil
	}
	a.leaveOpen(q)
	a.ends.wait(q)
	return nil
}

// grant sends the before-image, or that there was no row. The request is forgotten then.
func (a *Answerer) grant(q *request, image []byte) error {
	row, err := wire.ParseStateRow(image)
	if err != nil {
		return err
	}
	kind, body, result := wire.BeforeImageFound, string(image), Granted
	if len(row.ValueBytes) == 0 {
		kind, body, result = wire.BeforeImageNone, "", NoRow
	}
	a.Metrics.Answers.WithLabelValues(result).Inc()
	a.close(q)
	a.ages.remove(q.Started)
	a.reply(q, wire.Control{Kind: kind, Body: body, Final: kind == wire.BeforeImageNone}, answered{request: q.kept(false), granted: true})
	return nil
}

// decline says that there is no before-image here, for all that is known by now.
func (a *Answerer) decline(q *request) {
	if q.closed {
		return
	}
	a.close(q)
	a.Metrics.Answers.WithLabelValues(Declined).Inc()
	a.reply(q, wire.Control{Kind: wire.BeforeImageNone}, answered{request: q.kept(true)})
}

// reply writes an answer. Until it is acknowledged the state says that there was none, and
// the next run answers anew.
func (a *Answerer) reply(to *request, c wire.Control, then answered) {
	c.Started, c.Partition, c.Offset = a.Clock().UnixMicro(), a.Partition, to.Offset
	c.OldKey, c.NewKey, c.Time, c.Source = to.OldKey, to.NewKey, to.Time, to.Source
	rec := kgo.Record{Topic: a.Topic, Partition: to.Partition, Value: wire.AppendControl(nil, c)}
	a.Send(rec, func(err error) {
		if err != nil {
			a.Fail(err)
			return
		}
		a.ends.note(then)
	})
}

// declineBehind declines the requests of events that are before an event of this
// partition which has been reached: their deletions would have been before it.
func (a *Answerer) declineBehind(at int64, source tables.SourcePosition) {
	if a.count == 0 {
		return
	}
	var passed []*request
	for _, qs := range a.open {
		for _, q := range qs {
			if later(at, source, &q.Control) {
				passed = append(passed, q)
			}
		}
	}
	for _, q := range passed {
		a.decline(q)
	}
}

// certain is how much later by the database's clock an event must be to say that a
// deletion will not come any more.
const certain = time.Second

const passedPace = 100 * time.Millisecond

// Passes declines requests whose deletion cannot come any more, once an event from
// well after them has been met.
func (a *Answerer) Passes(c *tables.Change) {
	if a.count > 0 {
		a.passes(c)
	}
}

func (a *Answerer) passes(c *tables.Change) {
	at := c.Time - certain.Microseconds()
	if at-a.passed < passedPace.Microseconds() {
		return // the next one will do
	}
	a.passed = at
	a.declineBehind(at, c.Source)
}

// later reports whether an event is behind the one that asks, in the database's order.
func later(at int64, source tables.SourcePosition, c *wire.Control) bool {
	if !source.Comparable(c.Source) || at < c.Time {
		return false
	}
	return at > c.Time || source.Compare(c.Source) > 0
}
