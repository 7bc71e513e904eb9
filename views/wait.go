package views

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/progress"
)

// WaitPosition returns nil once the newest snapshot reflects the source's
// position, and the context's error when that ends first.
func (v *View) WaitPosition(ctx context.Context, p tables.Position) error {
	// A position behind a transaction's marker is reached when the brokers have said so.
	defer time.AfterFunc(lookAfter, func() {
		v.runs.Poll(true)
	}).Stop()
	return v.runs.Await(ctx, func(at progress.Applied) bool { return v.runs.ToSource(at.Source).Reaches(p) })
}

// WaitPlace returns nil once the newest snapshot has come to a position of the feed of
// changes, and the context's error when that ends first.
func (v *View) WaitPlace(ctx context.Context, p tables.Position) error {
	return v.runs.Await(ctx, func(at progress.Applied) bool { return at.Source.Reaches(p) })
}

// ToSource returns the position of the source that a position of the feed of changes
// stands for.
func (v *View) ToSource(p tables.Position) tables.Position { return v.parts.SourceMap.AnyToSource(p) }

// Place returns the position of a feed of changes that has all that a position of the
// source has; ok is false where none is known to. reached is how far the feed has come.
func (v *View) Place(source, reached tables.Position) (p tables.Position, ok bool) {
	if v.parts.SourceMap != nil {
		return nil, false // it has the place only up to the changes of some time
	}
	return v.parts.Ends.Lower(source, reached), true
}

// lookAfter is how long a position is waited for before the brokers are asked whether
// anything is still to come before it.
const lookAfter = 50 * time.Millisecond

// WaitSource returns nil once the newest snapshot reflects everything up to a
// position in the database's log: each partition has come to it or past it, or to
// the end that its topic had after the position was seen in another partition, or in
// another table of the same connector.
func (v *View) WaitSource(ctx context.Context, p tables.SourcePosition) error {
	var seen time.Time
	connector := progress.ConnectorOf(v.o.Table.Source.Topic)
	defer v.o.Logs.Notify(v.runs.LookAgain)()
	return v.runs.Await(ctx, func(at progress.Applied) bool {
		head, shared := v.o.Logs.Head(connector)
		reached := func(s tables.SourcePosition) bool {
			return s.Kind == p.Kind && s.Compare(p) >= 0 && (!shared || s.Epoch == head.Epoch)
		}
		if reached(v.parts.Ends.HeadAt(v.parts.SourceMap.ToSource(at.Source))) {
			return true
		}
		all, any := true, shared && reached(head)
		for _, top := range at.Top {
			all, any = all && reached(top), any || reached(top)
		}
		if all || !any {
			return all && any
		}
		if seen.IsZero() {
			seen = v.o.Clock()
			v.runs.Poll(false)
		}
		last, ok := v.parts.Ends.Newest()
		if !ok || last.At.Before(seen) {
			return false
		}
		pos := v.runs.ToSource(at.Source)
		if v.parts.SourceMap != nil { // the partitions of the position are not those of tops
			return pos.Reaches(last.Ends)
		}
		for i, top := range at.Top {
			if end := last.Ends.At(int32(i)); !reached(top) && pos.At(int32(i)) < end {
				return false
			}
		}
		return true
	})
}

// How far a table has come in the log of its database: each of its partitions has an event
// from there or later, or all that its topic held when the position had been seen somewhere.
// The polls of the topics' ends keep both together, so that this is known without asking.

// Source returns a position in the database's log that WaitSource does not wait for, the
// highest that is known; ok is false where there is none.
func (v *View) Source() (p tables.SourcePosition, ok bool) {
	s := v.runs.Current()
	if s == nil {
		return p, false
	}
	at, _ := s.Sight()
	p = v.parts.Ends.HeadAt(v.parts.SourceMap.ToSource(at.Source))
	if low := progress.Lowest(at.Top); low.Known() && (!p.Known() || low.Kind == p.Kind && low.Compare(p) > 0) {
		p = low
	}
	// Positions of a server that the database has left say nothing of its present log.
	if head, shared := v.o.Logs.Head(progress.ConnectorOf(v.o.Table.Source.Topic)); shared && p.Epoch != head.Epoch {
		return tables.SourcePosition{}, false
	}
	return p, p.Known()
}
