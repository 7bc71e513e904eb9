package views

import "github.com/tidemark/tidemark/tables"

// How far a table has come in the log of its database: each of its partitions has an event
// from there or later, or all that its topic held when the position had been seen somewhere.
// The polls of the topics' ends keep both together, so that this is known without asking.

// highest returns the highest position that was seen of the database's log, in any table of
// the connector.
func (v *View) highest() tables.SourcePosition {
	if head, ok := v.o.Logs.head(connectorOf(v.o.Table.Source.Topic)); ok {
		return head
	}
	var out tables.SourcePosition
	if s := v.current.Load(); s != nil {
		at, _ := s.place.sight()
		for _, top := range at.top {
			if top.Known() && (!out.Known() || top.Kind == out.Kind && top.Compare(out) > 0) {
				out = top
			}
		}
	}
	return out
}

// Source returns a position in the database's log that WaitSource does not wait for, the
// highest that is known; ok is false where there is none.
func (v *View) Source() (p tables.SourcePosition, ok bool) {
	s := v.current.Load()
	if s == nil {
		return p, false
	}
	at, _ := s.place.sight()
	p = v.fresh.headAt(v.placed.outward(at.source))
	if low := lowest(at.top); low.Known() && (!p.Known() || low.Kind == p.Kind && low.Compare(p) > 0) {
		p = low
	}
	// Positions of a server that the database has left say nothing of its present log.
	if head, shared := v.o.Logs.head(connectorOf(v.o.Table.Source.Topic)); shared && p.Epoch != head.Epoch {
		return tables.SourcePosition{}, false
	}
	return p, p.Known()
}

// lowest returns the position that all partitions have come to, none where one has none or
// where they are not of one log.
func lowest(tops []tables.SourcePosition) tables.SourcePosition {
	var low tables.SourcePosition
	for i, top := range tops {
		if !top.Known() || top.Kind != tops[0].Kind || top.Epoch != tops[0].Epoch {
			return tables.SourcePosition{}
		}
		if i == 0 || top.Compare(low) < 0 {
			low = top
		}
	}
	return low
}

// headAt returns what was known of the database's log before the newest of the ends was asked
// for that a position has come to.
func (f *freshness) headAt(pos tables.Position) tables.SourcePosition {
	f.mu.Lock()
	defer f.mu.Unlock()
	pos = f.barren.raise(pos)
	for i := len(f.samples) - 1; i >= 0; i-- {
		if pos.Reaches(f.samples[i].ends) {
			return f.samples[i].head
		}
	}
	return tables.SourcePosition{}
}
