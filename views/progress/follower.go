package progress

import (
	"context"
	"sync"
	"time"

	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/views/topics"
)

// RecentProgress is how many progress records per partition are read back at the
// start: a processor writes one each few seconds at rest and at most some fifty a second, and the newest counts.
const RecentProgress = 2000

// Follower follows the batches and the progress topic, which have one partition each:
// manifests and how far the processors are.
type Follower struct {
	Pool   *logread.Pool
	Take   func(topics.Record)
	Faults *Faults // is notified of topics that cannot be read
	// Deliverable reports whether a topic has something left to deliver between two offsets.
	Deliverable func(ctx context.Context, topic string, from, end int64) (bool, error)

	from, ends map[string]int64 // by topic: where it is read from, and where it ended

	mu    sync.Mutex
	next  map[string]int64
	moved chan struct{}
}

// NewFollower returns a follower of topics that have come to the ends. Of one that is recent
// no more than so many records are read back.
func NewFollower(ends map[string][]int64, recent map[string]int64) *Follower {
	t := &Follower{from: map[string]int64{}, ends: map[string]int64{}, next: map[string]int64{}, moved: make(chan struct{}, 1)}
	for topic, e := range ends {
		t.ends[topic] = e[0]
		if back, bounded := recent[topic]; bounded {
			t.from[topic] = max(0, e[0]-back)
		} else {
			t.from[topic] = 0
		}
		t.next[topic] = t.from[topic]
	}
	return t
}

// Run reads until the context ends.
func (t *Follower) Run(ctx context.Context) error {
	return topics.Follow(ctx, t.Pool, t.from, func(r topics.Record) {
		t.Faults.clear(r.Topic)
		t.Take(r)
		t.mu.Lock()
		t.next[r.Topic] = r.Offset + 1
		t.mu.Unlock()
		select {
		case t.moved <- struct{}{}:
		default:
		}
	}, t.Faults.Report)
}

// Await waits until what the topics had at the start is read.
func (t *Follower) Await(ctx context.Context) error {
	for topic, end := range t.ends {
		for {
			t.mu.Lock()
			next := t.next[topic]
			t.mu.Unlock()
			if next >= end {
				break
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-t.moved:
				continue
			case <-time.After(time.Second):
			}
			left, err := t.Deliverable(ctx, topic, next, end)
			if err != nil {
				return err
			}
			if !left {
				break
			}
		}
	}
	return nil
}
