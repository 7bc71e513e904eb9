package logread

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// queueBytes is what a subscription may have waiting before its topics are no longer fetched.
const queueBytes = 4 << 20

// queue has what was fetched for a subscription and not yet taken. It stops the fetching
// while it is full.
type queue struct {
	pause, resume func()
	filled        chan struct{} // has one element while something waits

	mu      sync.Mutex
	records []*kgo.Record
	faults  []fault
	bytes   int
	full    bool
	over    bool
}

type fault struct {
	topic     string
	partition int32
	err       error
}

// put adds what was fetched of a partition.
func (q *queue) put(f kgo.FetchTopicPartition) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return
	}
	if f.Err != nil {
		q.faults = append(q.faults, fault{f.Topic, f.Partition, f.Err})
	}
	for _, r := range f.Records {
		q.bytes += len(r.Key) + len(r.Value)
	}
	q.records = append(q.records, f.Records...)
	if !q.full && q.bytes > queueBytes {
		q.full = true
		q.pause()
	}
	select {
	case q.filled <- struct{}{}:
	default:
	}
}

// take returns what waits, and lets the fetching continue.
func (q *queue) take() ([]*kgo.Record, []fault) {
	q.mu.Lock()
	defer q.mu.Unlock()
	records, faults := q.records, q.faults
	q.records, q.faults, q.bytes = nil, nil, 0
	if q.full {
		q.full = false
		q.resume()
	}
	return records, faults
}

// end drops what waits, and all that comes.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.records, q.faults, q.over = nil, nil, true
}
