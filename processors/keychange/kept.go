package keychange

import (
	"fmt"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// Deleted is called for a deletion that is half of a change of primary key, once its before-image is kept:
// every partition that has asked for it is answered, also one that was declined.
func (a *Answerer) Deleted(old, new tables.Key) error {
	if !a.ages.any(a.Clock()) {
		return nil
	}
	type from struct {
		partition int32
		offset    int64
	}
	open := map[from]*request{}
	for _, q := range a.open[pair{old, new}] {
		open[from{q.Partition, q.Offset}] = q
	}
	return a.state.ImageRequests.Of(string(old), string(new), func(kept *state.ImageRequest) error {
		q := open[from{kept.Partition, kept.Offset}]
		if q == nil {
			c, err := wire.ParseControl(kept.Value)
			if err != nil {
				return fmt.Errorf("request for a before-image in the local state: %w", err)
			}
			if a.expired(&c) {
				return nil
			}
			q = &request{Control: c, closed: true}
		}
		return a.grantIfThere(q)
	})
}

func (a *Answerer) grantIfThere(q *request) error {
	image, err := a.beforeImages.Of(q.OldKey, q.NewKey, q.Source)
	if err != nil || image == nil {
		return err
	}
	return a.grant(q, image)
}

// load takes up what an earlier run was asked: what was declined is granted if the
// before-image has come, the rest is answered anew.
func (a *Answerer) load() error {
	err := a.state.ImageRequests.Move(func(value []byte) (*state.ImageRequest, error) {
		c, err := wire.ParseControl(value)
		if err != nil {
			return nil, fmt.Errorf("request for a before-image in the local state: %w", err)
		}
		return (&request{Control: c}).kept(false), nil
	})
	if err != nil {
		return err
	}
	return a.state.ImageRequests.Each(func(kept *state.ImageRequest) error {
		c, err := wire.ParseControl(kept.Value)
		if err != nil {
			return fmt.Errorf("request for a before-image in the local state: %w", err)
		}
		q := &request{Control: c, asked: time.Now()}
		if a.expired(&c) {
			return nil
		}
		if !kept.Declined {
			return a.answer(q)
		}
		a.ages.add(c.Started)
		q.closed = true
		return a.grantIfThere(q)
	})
}

// ages counts the requests that the state keeps by the minute in which they were asked,
// so that a deletion looks for them only while there are any.
type ages map[int64]int

func minuteOf(micros int64) int64 { return micros / time.Minute.Microseconds() }

func (a ages) add(asked int64) { a[minuteOf(asked)]++ }

func (a ages) remove(asked int64) {
	if m := minuteOf(asked); a[m] > 1 {
		a[m]--
	} else {
		delete(a, m)
	}
}

// any forgets what has expired, and reports whether there is more.
func (a ages) any(now time.Time) bool {
	first := minuteOf(now.Add(-state.ImageRequestKept).UnixMicro())
	for m := range a {
		if m < first {
			delete(a, m)
		}
	}
	return len(a) > 0
}
