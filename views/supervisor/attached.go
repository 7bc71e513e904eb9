package supervisor

import (
	"maps"
	"slices"
	"sync"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changelog"
	"github.com/tidemark/tidemark/views/replica"
)

// attached are the replicas that run, which readers may not see yet, and what they receive: how
// far the processors are, and ends of the changelog.
type attached struct {
	mu       sync.Mutex
	live     map[*replica.Replica]live
	restarts int64                   // of the readers of replicas that are over
	progress map[int32]wire.Progress // the newest of each partition
}

// live is what keeps a replica current.
type live struct {
	feed   *replica.Feed
	reader *changelog.Reader
}

func newAttached() *attached {
	return &attached{live: map[*replica.Replica]live{}, progress: map[int32]wire.Progress{}}
}

// attach lets a replica have progress and ends of topics, beginning with the
// newest progress that is known, until it is detached.
func (a *attached) attach(s *replica.Replica, f *replica.Feed, r *changelog.Reader) (detach func()) {
	a.mu.Lock()
	a.live[s] = live{f, r}
	known := slices.Collect(maps.Values(a.progress))
	a.mu.Unlock()
	for _, p := range known {
		_ = f.Progress(p) // a replica that is over needs none
	}
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.restarts += r.Restarts()
		delete(a.live, s)
	}
}

// tell keeps the newest progress of a partition, and passes it to the replicas that run.
func (a *attached) tell(p wire.Progress) {
	a.mu.Lock()
	a.progress[p.Partition] = p
	feeds := slices.Collect(maps.Values(a.live))
	a.mu.Unlock()
	for _, l := range feeds {
		_ = l.feed.Progress(p) // a replica that is over needs none
	}
}

// forget drops what was reported about topics that no longer exist.
func (a *attached) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.progress)
}

// lookAgain lets those who wait for a replica's place look again.
func (a *attached) lookAgain() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for s := range a.live {
		s.LookAgain()
	}
}

// readers returns the readers of the replicas that run.
func (a *attached) readers() []*changelog.Reader {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []*changelog.Reader
	for _, l := range a.live {
		out = append(out, l.reader)
	}
	return out
}

// began counts how often readers of the changelog had to be built again.
func (a *attached) began() int64 {
	a.mu.Lock()
	n := a.restarts
	a.mu.Unlock()
	for _, r := range a.readers() {
		n += r.Restarts()
	}
	return n
}

// tellEnds passes the ends of the changelog on to the replicas that wait for them. holes
// are those that each had seen before the ends were asked for.
func (a *attached) tellEnds(ends tables.Position, holes map[*replica.Replica]uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for s, n := range holes {
		l, runs := a.live[s]
		if !runs {
			continue
		}
		s.Hold().Tell(n, ends)
		l.feed.Nudge()
	}
}

// holesOf returns how many holes each replica has seen, of those that wait for ends.
func (a *attached) holesOf() map[*replica.Replica]uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out map[*replica.Replica]uint64
	for s := range a.live {
		if n, waits := s.Hold().Waits(); waits {
			if out == nil {
				out = map[*replica.Replica]uint64{}
			}
			out[s] = n
		}
	}
	return out
}
