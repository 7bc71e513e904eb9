package system

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/tables"
)

// readyLook is how often it is looked whether the start is over.
const readyLook = 100 * time.Millisecond

// sayReady ends the start's log with one line, when every table has come up to date
// or has stopped. It returns when the context ends.
func (s *system) sayReady(ctx context.Context, at net.Addr) error {
	tick := time.NewTicker(readyLook)
	defer tick.Stop()
	for s.o.Config.Roles.View {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if text, ready := s.readyLine(at); ready {
			s.events.Ready(events.Ready{Text: text})
			break
		}
	}
	<-ctx.Done()
	return nil
}

// readyLine sums up how well the tables are, once all of them can be judged.
func (s *system) readyLine(at net.Addr) (string, bool) {
	count := map[tables.HealthState]int{}
	for _, c := range s.tables {
		view, h := c.Current().View(), c.Health()
		if view == nil || !view.Ready() && h.State() != tables.HealthStopped {
			return "", false
		}
		count[h.State()]++
	}
	out := []string{fmt.Sprintf("ready: %d tables", len(s.tables))}
	for _, state := range []tables.HealthState{tables.HealthDegraded, tables.HealthStopped} {
		if n := count[state]; n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, state))
		}
	}
	scheme := "http"
	if s.o.Config.HTTP.CertFile != "" {
		scheme = "https"
	}
	return strings.Join(append(out, scheme+"://"+at.String()), ", "), true
}
