package views

import (
	"slices"
	"sync"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// standing is how far rows have come.
type standing struct {
	changelog tables.Position         // next offset of the changelog, per partition
	source    tables.Position         // next offset of the source topic
	top       []tables.SourcePosition // the highest that was seen, per partition
}

func (s standing) clone() standing {
	return standing{changelog: s.changelog.Clone(), source: s.source.Clone(), top: slices.Clone(s.top)}
}

// place is how far the rows of a session have come. The writer steps ahead and
// publishes when readers can see what it has done; any number look and wait.
type place struct {
	// The writer's own.
	next     standing
	progress []pending

	mu      sync.Mutex
	now     standing
	held    *standing     // what readers see while rows are held back; nil: now
	changed chan struct{} // closed with the next publication; nil while nobody waits
	over    bool          // readers have another place now
}

// pending are the progress records of a partition that wait for the changelog:
// the one that is reached first, and the newest.
type pending struct {
	first, last wire.Progress
	n           int // 0, 1 or 2 of them are there
}

func newPlace(changelog, source tables.Position, partitions int32) *place {
	at := standing{
		changelog: make(tables.Position, partitions), source: make(tables.Position, partitions),
		top: make([]tables.SourcePosition, partitions),
	}
	copy(at.changelog, changelog)
	copy(at.source, source)
	return &place{next: at, now: at.clone(), progress: make([]pending, partitions)}
}

// rewind forgets steps that were not published.
func (p *place) rewind() { p.next = p.at() }

// step goes to an offset of the changelog, and of the source topic.
func (p *place) step(partition int32, changelog, source int64) {
	p.next.changelog[partition] = max(p.next.changelog[partition], changelog)
	p.next.source[partition] = max(p.next.source[partition], source)
}

// raise takes the source position of a change.
func (p *place) raise(partition int32, s tables.SourcePosition) {
	if !s.Known() || s.Snapshot {
		return
	}
	if old := p.next.top[partition]; old.Kind != s.Kind || old.Epoch != s.Epoch || s.Compare(old) > 0 {
		p.next.top[partition] = s
	}
}

// expect takes what a processor told of its progress.
func (p *place) expect(r wire.Progress) {
	q := &p.progress[r.Partition]
	if q.n == 0 {
		q.first, q.n = r, 1
		return
	}
	q.last, q.n = r, 2
}

// settle takes over the progress whose changelog offsets are reached.
func (p *place) settle() {
	for i := range p.progress {
		q := &p.progress[i]
		for q.n > 0 && q.first.Changelog <= p.next.changelog[i] {
			p.step(int32(i), 0, q.first.Source)
			p.raise(int32(i), q.first.Position)
			q.first = q.last
			q.n--
		}
	}
}

// publish shows the steps to those who look and wait.
func (p *place) publish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	copy(p.now.changelog, p.next.changelog)
	copy(p.now.source, p.next.source)
	copy(p.now.top, p.next.top)
	p.wake()
}

func (p *place) wake() {
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

// nudge lets those who wait look again: what a place means has become more.
func (p *place) nudge() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake()
}

// end says that readers have another place now.
func (p *place) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.wake()
}

// at returns where the place is, for who keeps the session.
func (p *place) at() standing {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now.clone()
}

// look returns where the place is, for who keeps the session, and a channel that is closed
// when it moves.
func (p *place) look() (standing, <-chan struct{}) {
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

// holdBack keeps readers at what they see.
func (p *place) holdBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.now.clone()
	p.held = &at
}

// show ends what holdBack began; the next publication is seen.
func (p *place) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = nil
}

// sight returns where readers see the place, and a channel that is closed when it may have moved.
func (p *place) sight() (standing, <-chan struct{}) {
	at, changed := p.look()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil {
		at = p.held.clone()
	}
	return at, changed
}
