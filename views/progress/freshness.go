package progress

import (
	"slices"
	"sync"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// FreshnessState says how fresh a view is.
type FreshnessState string

// The states. Idle is fresh with nothing new at the source for a while.
const (
	Fresh        FreshnessState = "fresh"
	Lagging      FreshnessState = "lagging"
	Disconnected FreshnessState = "disconnected"
	Idle         FreshnessState = "idle"
)

// Freshness says that all that the broker had Age ago is in the view.
type Freshness struct {
	State FreshnessState
	Age   time.Duration
}

// Limits of the states.
const (
	freshWithin      = time.Second
	disconnectedFrom = 3 * time.Second // several polls that were not answered
	idleFrom         = 10 * time.Second
	samplesKept      = 1024
)

// Sample is where the source topic ended at an instant: behind all that it had, also
// what a transaction that was open then kept from its readers.
type Sample struct {
	At   time.Time // when the brokers were asked: they had at least this then
	Ends tables.Position
	head tables.SourcePosition // of the database's log that had been seen by then
}

// Ends follows the ends of the source topic. A position is as fresh as the
// newest sample that it reaches.
type Ends struct {
	mu            sync.Mutex
	started       time.Time // when the brokers were to be asked first
	begun         time.Time // the age counts from here before any sample is reached
	samples       []Sample  // oldest first, thinned out where they are many
	lastMoved     time.Time
	undeliverable undeliverable
	changed       chan struct{} // closed with the next sample, and when a stretch proves to be undeliverable
}

// NewEnds returns ends of a topic that is asked about from now on.
func NewEnds(now time.Time) *Ends {
	return &Ends{started: now, begun: now, changed: make(chan struct{})}
}

// Add takes the ends that the brokers returned when asked at the given time, and the highest
// position of the database's log that had been seen before.
func (f *Ends) Add(at time.Time, ends tables.Position, head tables.SourcePosition) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.wake()
	if n := len(f.samples); n == 0 || !slices.Equal(f.samples[n-1].Ends, ends) {
		f.lastMoved = at
	}
	if n := len(f.samples); n >= 2 && slices.Equal(f.samples[n-1].Ends, ends) && slices.Equal(f.samples[n-2].Ends, ends) {
		f.samples[n-1].At, f.samples[n-1].head = at, head // of equal ones the first and the last are enough
		return
	}
	if len(f.samples) >= samplesKept {
		kept := f.samples[:0]
		for i, s := range f.samples {
			if i%2 == 0 {
				kept = append(kept, s)
			}
		}
		f.samples = kept
	}
	f.samples = append(f.samples, Sample{At: at, Ends: ends, head: head})
}

func (f *Ends) wake() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// RowsAreOf says that the rows are those of an earlier instant. Until they reach an end of
// the source that was asked for since, they count as that old.
func (f *Ends) RowsAreOf(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at.Before(f.begun) {
		f.begun = at
	}
}

// Changed returns a channel that is closed with the next sample.
func (f *Ends) Changed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}

// Reset forgets the samples of a topic that is no more.
func (f *Ends) Reset(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.started, f.begun, f.samples = now, now, nil
	f.undeliverable.reset()
}

// SetUndeliverable says that nothing is deliverable in a partition from an offset to an end.
func (f *Ends) SetUndeliverable(partition int32, from, end int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.undeliverable.set(partition, from, end)
	f.wake()
}

// Raise returns the position that a position is as good as: nothing is deliverable between.
func (f *Ends) Raise(pos tables.Position) tables.Position { return f.undeliverable.raise(pos) }

// Lower returns the position before what is not deliverable that a position of rows is before.
func (f *Ends) Lower(pos, rows tables.Position) tables.Position {
	return f.undeliverable.lower(pos, rows)
}

// Reaches reports whether a position has come to the ends.
func (f *Ends) Reaches(pos, ends tables.Position) bool {
	return f.undeliverable.raise(pos).Reaches(ends)
}

// Newest returns the last sample.
func (f *Ends) Newest() (Sample, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.samples) == 0 {
		return Sample{}, false
	}
	return f.samples[len(f.samples)-1], true
}

// Freshness says how fresh a position is now.
func (f *Ends) Freshness(pos tables.Position, now time.Time) Freshness {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.samples) == 0 {
		out := Freshness{State: Lagging, Age: now.Sub(f.begun)}
		if now.Sub(f.started) > disconnectedFrom {
			out.State = Disconnected
		}
		return out
	}
	pos = f.undeliverable.raise(pos)
	last := len(f.samples) - 1
	reached := last
	for reached >= 0 && !pos.Reaches(f.samples[reached].Ends) {
		reached--
	}
	since := f.begun
	if reached >= 0 {
		since = f.samples[reached].At
	}
	out := Freshness{Age: max(0, now.Sub(since))}
	switch {
	case now.Sub(f.samples[last].At) > disconnectedFrom:
		out.State = Disconnected
	case reached == last && now.Sub(f.lastMoved) > idleFrom:
		out.State = Idle
	case reached >= 0 && out.Age <= freshWithin:
		out.State = Fresh
	default:
		out.State = Lagging
	}
	return out
}

// HeadAt returns what was known of the database's log before the newest of the ends was asked
// for that a position has come to.
func (f *Ends) HeadAt(pos tables.Position) tables.SourcePosition {
	f.mu.Lock()
	defer f.mu.Unlock()
	pos = f.undeliverable.raise(pos)
	for i := len(f.samples) - 1; i >= 0; i-- {
		if pos.Reaches(f.samples[i].Ends) {
			return f.samples[i].head
		}
	}
	return tables.SourcePosition{}
}
