package kafka

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Together lists offsets of topics for all tables of a process. What is asked for while a request is under
// way goes into the next one: the number of requests does not grow with the number of tables. An
// answer is never older than its question. It is safe for concurrent use.
type Together struct {
	ends, high gathering
}

// NewTogether returns one that asks by a client, which is somebody else's.
func NewTogether(client *kgo.Client) *Together {
	admin := kadm.NewClient(client)
	return &Together{ends: gathering{list: admin.ListCommittedOffsets}, high: gathering{list: admin.ListEndOffsets}}
}

// EndsOf is the function EndsOf.
func (t *Together) EndsOf(ctx context.Context, topics ...string) (map[string][]int64, error) {
	return t.ends.of(ctx, "end", topics)
}

// Watermarks is the function Watermarks.
func (t *Together) Watermarks(ctx context.Context, topics ...string) (map[string][]int64, error) {
	return t.high.of(ctx, "high", topics)
}

// UntilTogether returns the time until all who ask as often as this ask at once.
func UntilTogether(every time.Duration) time.Duration {
	now := time.Now()
	return now.Truncate(every).Add(every).Sub(now)
}

type listing func(ctx context.Context, topics ...string) (kadm.ListedOffsets, error)

// gathering is one kind of question.
type gathering struct {
	list listing

	mu   sync.Mutex
	next *request // collects until it is asked; nil when nobody waits
	busy bool     // a request is under way
}

// request is what several ask for at once.
type request struct {
	topics map[string]struct{}
	done   chan struct{}
	found  kadm.ListedOffsets
	err    error
}

// togetherTime bounds a request, which nobody's context ends.
const togetherTime = 5 * time.Second

// of returns the offsets of some topics. A failure that may be another's is asked again alone.
func (g *gathering) of(ctx context.Context, which string, topics []string) (map[string][]int64, error) {
	r := g.join(topics)
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-r.done:
	}
	if r.err != nil {
		found, err := g.list(ctx, topics...)
		return listed(found, err, which, topics)
	}
	mine := make(kadm.ListedOffsets, len(topics))
	for _, t := range topics {
		mine[t] = r.found[t]
	}
	return listed(mine, nil, which, topics)
}

// join adds topics to the next request.
func (g *gathering) join(topics []string) *request {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.next == nil {
		g.next = &request{topics: map[string]struct{}{}, done: make(chan struct{})}
	}
	for _, t := range topics {
		g.next.topics[t] = struct{}{}
	}
	if !g.busy {
		g.busy = true
		go g.run()
	}
	return g.next
}

// take returns the next request, nil when nobody has asked.
func (g *gathering) take() *request {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.next
	g.next, g.busy = nil, r != nil
	return r
}

// run sends requests while there are any.
func (g *gathering) run() {
	for r := g.take(); r != nil; r = g.take() {
		ctx, cancel := context.WithTimeout(context.Background(), togetherTime)
		r.found, r.err = g.list(ctx, slices.Collect(maps.Keys(r.topics))...)
		cancel()
		close(r.done)
	}
}
