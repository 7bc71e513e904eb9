package views

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/replica"
)

// File has a batch written once readers see the session that sealed it: it counts
// as held from then on.
func (v *View) File(s *replica.Replica, f batches.Filing) {
	v.mu.Lock()
	seen := v.current.Load() == s
	if !seen {
		v.unfiled[s] = append(v.unfiled[s], f)
	}
	v.mu.Unlock()
	if seen {
		v.files.Add(f)
	}
}

// Sees reports whether readers see a session.
func (v *View) Sees(s *replica.Replica) bool { return v.current.Load() == s }

// tellEnds passes the ends of the changelog on to the sessions that wait for them. holes
// are those that each had seen before the ends were asked for.
func (v *View) tellEnds(ends tables.Position, holes map[*replica.Replica]uint64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for s, n := range holes {
		l, runs := v.live[s]
		if !runs {
			continue
		}
		s.Hold().Tell(n, ends)
		l.feed.Nudge()
	}
}

// holesOf returns how many holes each session has seen, of those that wait for ends.
func (v *View) holesOf() map[*replica.Replica]uint64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out map[*replica.Replica]uint64
	for s := range v.live {
		if n, waits := s.Hold().Waits(); waits {
			if out == nil {
				out = map[*replica.Replica]uint64{}
			}
			out[s] = n
		}
	}
	return out
}
