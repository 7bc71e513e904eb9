package views

import (
	"slices"
	"sync"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// FreshnessState says how a view stands to its source.
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

// sample is where the source topic ended at an instant: behind all that it had, also
// what a transaction that was open then kept from its readers.
type sample struct {
	at   time.Time // when the brokers were asked: they had at least this then
	ends tables.Position
	head tables.SourcePosition // of the database's log that had been seen by then
}

// freshness follows the ends of the source topic. A position is as fresh as the
// newest sample that it reaches.
type freshness struct {
	mu      sync.Mutex
	started time.Time // when the brokers were to be asked first
	begun   time.Time // the age counts from here before any sample is reached
	samples []sample  // oldest first, thinned out where they are many
	changed time.Time
	barren  barrens
	told    chan struct{} // closed with the next sample, and when a stretch proves to be barren
}

func newFreshness(now time.Time) *freshness {
	return &freshness{started: now, begun: now, told: make(chan struct{})}
}

// add takes the ends that the brokers told when asked at the given time, and the highest
// position of the database's log that had been seen before.
func (f *freshness) add(at time.Time, ends tables.Position, head tables.SourcePosition) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.tell()
	if n := len(f.samples); n == 0 || !slices.Equal(f.samples[n-1].ends, ends) {
		f.changed = at
	}
	if n := len(f.samples); n >= 2 && slices.Equal(f.samples[n-1].ends, ends) && slices.Equal(f.samples[n-2].ends, ends) {
		f.samples[n-1].at, f.samples[n-1].head = at, head // of equal ones the first and the last tell all
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
	f.samples = append(f.samples, sample{at: at, ends: ends, head: head})
}

func (f *freshness) tell() {
	close(f.told)
	f.told = make(chan struct{})
}

// stand says that the rows are those of an earlier instant. Until they reach an end of
// the source that was asked for since, they count as that old.
func (f *freshness) stand(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at.Before(f.begun) {
		f.begun = at
	}
}

// next returns a channel that is closed with the next sample.
func (f *freshness) next() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.told
}

// reset forgets the samples of a topic that is no more.
func (f *freshness) reset(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.started, f.begun, f.samples = now, now, nil
	f.barren.reset()
}

// setBarren says that nothing is deliverable in a partition from an offset to an end.
func (f *freshness) setBarren(partition int32, from, end int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.barren.set(partition, from, end)
	f.tell()
}

// reaches reports whether a position has come to the ends.
func (f *freshness) reaches(pos, ends tables.Position) bool {
	return f.barren.raise(pos).Reaches(ends)
}

// newest returns the last sample.
func (f *freshness) newest() (sample, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.samples) == 0 {
		return sample{}, false
	}
	return f.samples[len(f.samples)-1], true
}

// of tells how fresh a position is now.
func (f *freshness) of(pos tables.Position, now time.Time) Freshness {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.samples) == 0 {
		out := Freshness{State: Lagging, Age: now.Sub(f.begun)}
		if now.Sub(f.started) > disconnectedFrom {
			out.State = Disconnected
		}
		return out
	}
	pos = f.barren.raise(pos)
	last := len(f.samples) - 1
	reached := last
	for reached >= 0 && !pos.Reaches(f.samples[reached].ends) {
		reached--
	}
	since := f.begun
	if reached >= 0 {
		since = f.samples[reached].at
	}
	out := Freshness{Age: max(0, now.Sub(since))}
	switch {
	case now.Sub(f.samples[last].at) > disconnectedFrom:
		out.State = Disconnected
	case reached == last && now.Sub(f.changed) > idleFrom:
		out.State = Idle
	case reached >= 0 && out.Age <= freshWithin:
		out.State = Fresh
	default:
		out.State = Lagging
	}
	return out
}
