package health

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// silentAfter is how many heartbeats may be missing, and silentLeast the time that is
// waited for them at least: connectors are restarted, too.
const (
	silentAfter = 3
	silentLeast = 10 * time.Second
)

// silence knows whether the source has gone silent. One goroutine notes heartbeats, others
// listen.
type silence struct {
	gap  atomic.Int64 // time between the newest two heartbeats of the connector, nanoseconds; 0 before there are two
	last time.Time    // the newest one

	mu     sync.Mutex
	offset int64
	moved  time.Time // when something was last read
}

func (s *silence) beat(at time.Time) {
	if gap := at.Sub(s.last); !s.last.IsZero() && gap > 0 {
		s.gap.Store(int64(gap))
	}
	s.last = at
}

// listen notes how far the source has been read, and says whether it is silent for longer
// than its heartbeats allow.
func (s *silence) listen(offset int64, now time.Time) (tables.Trouble, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if offset != s.offset || s.moved.IsZero() {
		s.offset, s.moved = offset, now
	}
	silent, gap := now.Sub(s.moved), time.Duration(s.gap.Load())
	if gap == 0 || silent < max(silentAfter*gap, silentLeast) {
		return tables.Trouble{}, false
	}
	return tables.Trouble{Reason: tables.SourceSilent, Text: fmt.Sprintf(
		"nothing has come for %s, though the connector sends a heartbeat every %s: look at the connector", silent.Round(time.Second), gap.Round(time.Millisecond))}, true
}
