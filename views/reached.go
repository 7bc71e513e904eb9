package views

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/progress"
)

// How far a table has come in the log of its database: each of its partitions has an event
// from there or later, or all that its topic held when the position had been seen somewhere.
// The polls of the topics' ends keep both together, so that this is known without asking.

// highest returns the highest position that was seen of the database's log, in any table of
// the connector.
func (v *View) highest() tables.SourcePosition {
	if head, ok := v.o.Logs.Head(progress.ConnectorOf(v.o.Table.Source.Topic)); ok {
		return head
	}
	var out tables.SourcePosition
	if s := v.current.Load(); s != nil {
		at, _ := s.Sight()
		for _, top := range at.Top {
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
	at, _ := s.Sight()
	p = v.fresh.HeadAt(v.placed.ToSource(at.Source))
	if low := progress.Lowest(at.Top); low.Known() && (!p.Known() || low.Kind == p.Kind && low.Compare(p) > 0) {
		p = low
	}
	// Positions of a server that the database has left say nothing of its present log.
	if head, shared := v.o.Logs.Head(progress.ConnectorOf(v.o.Table.Source.Topic)); shared && p.Epoch != head.Epoch {
		return tables.SourcePosition{}, false
	}
	return p, p.Known()
}
