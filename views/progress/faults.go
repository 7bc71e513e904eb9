package progress

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tidemark/tidemark/views/events"
)

// Faults are the topics beside the changelog that the brokers refuse to let us read,
// such as for an access list. The client continues asking, and reports again what it gets.
type Faults struct {
	clock func() time.Time
	told  *events.Listener

	mu   sync.Mutex
	last map[string]fault
}

type fault struct {
	err  error
	told time.Time // to the log
	at   time.Time
}

const (
	// faultFor is how long a topic counts as unreadable after the brokers last said so:
	// they are asked again every few seconds.
	faultFor = 30 * time.Second
	// faultAgain is how often one that stays is logged.
	faultAgain = time.Minute
)

// NewFaults returns no faults yet.
func NewFaults(clock func() time.Time, told *events.Listener) *Faults {
	return &Faults{clock: clock, told: told, last: map[string]fault{}}
}

// Report takes what the brokers said.
func (f *Faults) Report(topic string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.clock()
	before, known := f.last[topic]
	told := before.told
	if !known || before.err.Error() != err.Error() || now.Sub(told) >= faultAgain {
		told = now
		f.told.TopicUnreadable(events.TopicUnreadable{Topic: topic, Err: err})
	}
	f.last[topic] = fault{err, told, now}
}

// clear takes note that a topic can be read.
func (f *Faults) clear(topic string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.last, topic)
}

// Note reports the faults that last, empty when there are none.
func (f *Faults) Note() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, out := f.clock(), ""
	for _, topic := range slices.Sorted(maps.Keys(f.last)) {
		if now.Sub(f.last[topic].at) > faultFor {
			continue
		}
		if out != "" {
			out += "; "
		}
		out += fmt.Sprintf("topic %s cannot be read: %s", topic, f.last[topic].err)
	}
	return out
}
