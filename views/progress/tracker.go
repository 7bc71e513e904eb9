package progress

import (
	"slices"
	"sync"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// Applied is how far rows have come.
type Applied struct {
	Changelog tables.Position         // next offset of the changelog, per partition
	Source    tables.Position         // next offset of the source topic
	Top       []tables.SourcePosition // the highest that was seen, per partition
}

func (s Applied) clone() Applied {
	return Applied{Changelog: s.Changelog.Clone(), Source: s.Source.Clone(), Top: slices.Clone(s.Top)}
}

// Tracker is how far the rows of a session have come. The writer steps ahead and
// publishes when readers can see what it has done; any number look and wait.
type Tracker struct {
	// Next is where the writer is; it and what is expected are the writer's own.
	Next     Applied
	progress []pending

	mu      sync.Mutex
	now     Applied
	held    *Applied      // what readers see while rows are held back; nil: now
	changed chan struct{} // closed with the next publication; nil while nobody waits
	over    bool          // readers have another place now
}

// pending are the progress records of a partition that wait for the changelog:
// the one that is reached first, and the newest.
type pending struct {
	first, last wire.Progress
	n           int // 0, 1 or 2 of them are there
}

// NewTracker returns a tracker of rows that have come to a place.
func NewTracker(changelog, source tables.Position, partitions int32) *Tracker {
	at := Applied{
		Changelog: make(tables.Position, partitions), Source: make(tables.Position, partitions),
		Top: make([]tables.SourcePosition, partitions),
	}
	copy(at.Changelog, changelog)
	copy(at.Source, source)
	return &Tracker{Next: at, now: at.clone(), progress: make([]pending, partitions)}
}

// Rewind forgets steps that were not published.
func (p *Tracker) Rewind() { p.Next = p.At() }

// Step goes to an offset of the changelog, and of the source topic.
func (p *Tracker) Step(partition int32, changelog, source int64) {
	p.Next.Changelog[partition] = max(p.Next.Changelog[partition], changelog)
	p.Next.Source[partition] = max(p.Next.Source[partition], source)
}

// Raise takes the source position of a change.
func (p *Tracker) Raise(partition int32, s tables.SourcePosition) {
	if !s.Known() || s.Snapshot {
		return
	}
	if old := p.Next.Top[partition]; old.Kind != s.Kind || old.Epoch != s.Epoch || s.Compare(old) > 0 {
		p.Next.Top[partition] = s
	}
}

// Expect takes what a processor reported of its progress.
func (p *Tracker) Expect(r wire.Progress) {
	q := &p.progress[r.Partition]
	if q.n == 0 {
		q.first, q.n = r, 1
		return
	}
	q.last, q.n = r, 2
}

// Settle takes over the progress whose changelog offsets are reached.
func (p *Tracker) Settle() {
	for i := range p.progress {
		q := &p.progress[i]
		for q.n > 0 && q.first.Changelog <= p.Next.Changelog[i] {
			p.Step(int32(i), 0, q.first.Source)
			p.Raise(int32(i), q.first.Position)
			q.first = q.last
			q.n--
		}
	}
}

// Publish shows the steps to those who look and wait.
func (p *Tracker) Publish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	copy(p.now.Changelog, p.Next.Changelog)
	copy(p.now.Source, p.Next.Source)
	copy(p.now.Top, p.Next.Top)
	p.wake()
}

func (p *Tracker) wake() {
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

// Nudge lets those who wait look again: what a place means has become more.
func (p *Tracker) Nudge() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake()
}

// End says that readers have another place now.
func (p *Tracker) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.wake()
}

// At returns where the place is, for who keeps the session.
func (p *Tracker) At() Applied {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now.clone()
}

// Look returns where the place is, for who keeps the session, and a channel that is closed
// when it moves.
func (p *Tracker) Look() (Applied, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed == nil {
		p.changed = make(chan struct{})
	}
	changed := p.changed
	if p.over {
		p.wake()
	}
	return p.now.clone(), changed
}

// HoldBack keeps readers at what they see.
func (p *Tracker) HoldBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.now.clone()
	p.held = &at
}

// Show ends what holdBack began; the next publication is seen.
func (p *Tracker) Show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = nil
}

// Sight returns where readers see the place, and a channel that is closed when it may have moved.
func (p *Tracker) Sight() (Applied, <-chan struct{}) {
	at, changed := p.Look()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil {
		at = p.held.clone()
	}
	return at, changed
}

// Lowest returns the position that all partitions have come to, none where one has none or
// where they are not of one log.
func Lowest(tops []tables.SourcePosition) tables.SourcePosition {
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
