package replica

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/progress"
)

// goal is where the topics ended when a replica began.
type goal struct {
	changelog, source tables.Position
	from              tables.Position // where the changelog was read from
}

// Aim says where the topics ended when the replica began.
func (s *Replica) Aim(changelog, source tables.Position) {
	s.goal.Store(&goal{changelog: changelog, source: source, from: s.place.At().Changelog})
}

// Reach waits until the replica has come to where its topics ended when it began.
func (s *Replica) Reach() error {
	g := s.goal.Load()
	return s.Arrive(g.changelog, g.source)
}

// Progress returns how many records of the changelog were read of those that it had when the
// replica began.
func (s *Replica) Progress() (done, total int64) {
	g := s.goal.Load()
	if g == nil {
		return 0, 0
	}
	return g.progress(s.place.At())
}

// progress counts the changelog's records on the way to the goal.
func (g *goal) progress(at progress.Applied) (done, total int64) {
	for i, end := range g.changelog {
		p := int32(i)
		from := min(g.from.At(p), end)
		total += end - from
		done += max(0, min(at.Changelog.At(p), end)-from)
	}
	return done, total
}

// Arrive waits until a replica has come to a place, and its rollups with it.
func (s *Replica) Arrive(changelog, source tables.Position) error {
	var asked uint64 // ends, when it had come there
	for {
		at, moved := s.place.Sight()
		if s.filled.Load() && at.Changelog.Reaches(changelog) && s.shared.Ends.Reaches(s.shared.SourceMap.ToSource(at.Source), source) {
			if asked == 0 {
				asked = s.hold.count.Load()
			}
			if !s.keys.LeftBefore(asked) {
				return nil
			}
		}
		select {
		case <-s.ended:
			return s.err
		case <-moved:
		case <-s.shared.Ends.Changed():
		}
	}
}
