package intake

import (
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// extent is how far the changes of a partition reach, of all that were read and all that have
// left rows or deletions: what lies beyond it needs no look at the state.
type extent struct {
	source tables.SourcePosition // the highest position of the source's log
	time   int64                 // the latest time of an event with a position
	mixed  bool                  // there were positions of several epochs, so none is above all others
	latest int64                 // the latest time of any event
}

// note takes a change in. It reports whether the event is behind another one, both by
// position and by time: then the source may have sent it before. All rows and deletions are
// at or before that position and time, so nothing else can be a repetition.
func (x *extent) note(ch *tables.Change) (behind bool) {
	p := ch.Source
	if !p.Known() || p.Snapshot {
		return false
	}
	order, ordered := p.Order(x.source)
	behind = ch.Time <= x.time && (ordered && order <= 0 || x.mixed || x.source.Epoch != 0 && !ordered)
	x.raise(p, ch.Time)
	return behind
}

// noteRows takes over what the rows say.
func (x *extent) noteRows(s *state.Store) {
	p, at := s.Streamed()
	latest, mixed := s.Latest()
	x.latest, x.mixed = max(x.latest, latest), x.mixed || mixed
	if p.Known() {
		x.raise(p, at)
	}
}

func (x *extent) raise(p tables.SourcePosition, at int64) {
	x.time = max(x.time, at)
	order, ordered := x.source.Order(p)
	if ordered && order >= 0 {
		return
	}
	x.mixed = x.mixed || x.source.Epoch != 0 && !ordered
	x.source = p
}

// beyond reports whether a change is surely later than all that were read before it: then
// nothing has to be looked up. It is so for nearly all changes that are copied soon after
// the database has made them.
func (x *extent) beyond(ch *tables.Change) bool {
	order, ordered := ch.Source.Order(x.source)
	first := !x.source.Known() && ch.Source.Known() && !ch.Source.Snapshot
	yes := !x.mixed && (first || ordered && order > 0) && ch.Time > x.latest
	x.latest = max(x.latest, ch.Time)
	return yes
}
