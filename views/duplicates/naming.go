package duplicates

import (
	"context"
	"errors"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
)

// Keys in several partitions are named to the processors of this process, which see to it
// that the partitions behind give their rows up: see the options of views. They are named in
// rounds, a bounded number at a time, in the order of keys. A key that stays is named again
// in the next pass; passes in which nothing changes follow each other more and more slowly.
const (
	keysAtOnce   = 1000 // keys that a round looks at
	pauseRounds  = 5    // rounds between two passes, at least
	longestPause = 5 * time.Minute
)

// pass is where the naming of a session's keys is.
type pass struct {
	o      Naming
	from   tables.Key // of the next round
	before int        // how many keys there were when the pass began
	pause  time.Duration
	next   time.Time // when the next pass begins
}

// Naming says of which keys rows are named, when, and to whom.
type Naming struct {
	Keys  *Keys
	Rows  func() *rows.DB
	Every time.Duration // between two rounds
	Tell  func([]wire.DuplicateKey)
	Clock func() time.Time
	Due   func() bool     // readers see the rows, and they are up to date
	Spoil func(err error) // is notified of a round that failed
}

// Name names keys until the context ends.
func Name(ctx context.Context, o Naming) error {
	if o.Tell == nil || !o.Keys.Several {
		return nil
	}
	n := pass{o: o, pause: pauseRounds * o.Every}
	tick := time.NewTicker(o.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		if !o.Due() || o.Keys.Duplicates() == 0 {
			n.from, n.next = "", time.Time{}
			continue
		}
		if err := n.round(); err != nil && !errors.Is(err, rows.ErrClosed) {
			o.Spoil(err)
		}
	}
}

// round names some keys.
func (n *pass) round() error {
	now := n.o.Clock()
	if n.from == "" {
		if now.Before(n.next) {
			return nil
		}
		n.before = n.o.Keys.Duplicates()
	}
	var found []wire.DuplicateKey
	next, err := n.o.Rows().CopiesFrom(n.from, keysAtOnce, func(key tables.Key, all []rows.Copy) error {
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
		n.o.Tell(found)
	}
	if n.from = next; next == "" {
		n.rest(now)
	}
	return nil
}

// rest says when the next pass begins.
func (n *pass) rest(now time.Time) {
	least := pauseRounds * n.o.Every
	if n.o.Keys.Duplicates() != n.before {
		n.pause = least
	}
	n.next = now.Add(n.pause)
	n.pause = min(2*n.pause, max(longestPause, least))
}
