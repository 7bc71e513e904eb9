package views

import (
	"context"
	"errors"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
)

// Keys in several partitions are named to the processors of this process, which see to it
// that the partitions behind give their rows up: see Options.Outrun. They are named in
// rounds, a bounded number at a time, in the order of keys. A key that stays is named again
// in the next pass; passes in which nothing changes follow each other more and more slowly.
const (
	outrunAtOnce = 1000 // keys that a round looks at
	outrunPause  = 5    // rounds between two passes, at least
	outrunLull   = 5 * time.Minute
)

// naming is where the naming of a session's keys stands.
type naming struct {
	*session
	from   tables.Key // of the next round
	before int        // how many keys there were when the pass began
	pause  time.Duration
	next   time.Time // when the next pass begins
}

// nameOutrun names the session's keys while readers see it.
func (s *session) nameOutrun(ctx context.Context) error {
	if s.v.o.Outrun == nil || !s.homes.several {
		return nil
	}
	n := naming{session: s, pause: outrunPause * s.v.o.OutrunEvery}
	tick := time.NewTicker(s.v.o.OutrunEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		if s.v.current.Load() != s || !s.v.Ready() || s.homes.doubled() == 0 {
			n.from, n.next = "", time.Time{}
			continue
		}
		if err := n.round(); err != nil && !errors.Is(err, rows.ErrClosed) {
			s.spoil(err)
			s.v.log.Warn("keys in several partitions could not be looked at", "error", err)
		}
	}
}

// round names some keys.
func (n *naming) round() error {
	now := n.v.o.Clock()
	if n.from == "" {
		if now.Before(n.next) {
			return nil
		}
		n.before = n.homes.doubled()
	}
	var found []wire.Doubled
	next, err := n.disk().CopiesFrom(n.from, outrunAtOnce, func(key tables.Key, all []rows.Copy) error {
		d, yes, err := outrun(key, all)
		if yes {
			found = append(found, d)
		}
		return err
	})
	if err != nil {
		n.from = ""
		return err
	}
	if len(found) > 0 {
		n.v.o.Outrun(found)
	}
	if n.from = next; next == "" {
		n.rest(now)
	}
	return nil
}

// rest says when the next pass begins.
func (n *naming) rest(now time.Time) {
	least := outrunPause * n.v.o.OutrunEvery
	if n.homes.doubled() != n.before {
		n.pause = least
	}
	n.next = now.Add(n.pause)
	n.pause = min(2*n.pause, max(outrunLull, least))
}

// outrun says which partitions have a row of a key from before the latest change of it. Only
// an order that is settled, and is so between the latest and each of the others, lets a row
// go: then what is latest stays so without it.
func outrun(key tables.Key, all []rows.Copy) (d wire.Doubled, yes bool, err error) {
	if len(all) < 2 {
		return d, false, nil
	}
	at, err := standingsOf(all)
	if err != nil {
		return d, false, err
	}
	i, settled := tables.Latest(at)
	if !settled || all[i].Left {
		return d, false, nil
	}
	d = wire.Doubled{Outrun: wire.Outrun{Key: key, Later: at[i]}, Partition: all[i].Partition, Deletion: !hasRow(&all[i])}
	for j := range all {
		if j == i {
			continue
		}
		if order, _ := at[i].Compare(at[j]); order <= 0 {
			return d, false, nil
		}
		if hasRow(&all[j]) && !all[j].Left {
			d.Losing = append(d.Losing, all[j].Partition)
		}
	}
	return d, len(d.Losing) > 0, nil
}

// hasRow reports whether the partition of a copy has a row, hidden or not.
func hasRow(c *rows.Copy) bool {
	if c.Kind != rows.Gone {
		return true
	}
	d, err := wire.ParseDeletion(c.Bytes)
	return err == nil && d.Hidden
}
