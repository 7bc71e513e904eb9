package kafka

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Together lists offsets of topics, and describes them, for all tables of a process. What is asked for while a request is under
// way goes into the next one: the number of requests does not grow with the number of tables. An
// answer is never older than its question. It is safe for concurrent use.
type Together struct {
	ends, high gathering[kadm.ListedOffsets]
	topics     gathering[map[string]*kmsg.MetadataResponseTopic]
}

// NewTogether returns one that asks by a client, which is somebody else's.
func NewTogether(client *kgo.Client) *Together {
	admin := kadm.NewClient(client)
	t := &Together{topics: gathering[map[string]*kmsg.MetadataResponseTopic]{ask: func(ctx context.Context, topics ...string) (map[string]*kmsg.MetadataResponseTopic, error) {
		return MetadataOf(ctx, client, topics)
	}}}
	t.ends.ask, t.high.ask = admin.ListCommittedOffsets, admin.ListEndOffsets
	return t
}

// EndsOf is the function EndsOf.
func (t *Together) EndsOf(ctx context.Context, topics ...string) (map[string][]int64, error) {
	found, err := t.ends.of(ctx, topics)
	return listed(found, err, "end", topics)
}

// Watermarks is the function Watermarks.
func (t *Together) Watermarks(ctx context.Context, topics ...string) (map[string][]int64, error) {
	found, err := t.high.of(ctx, topics)
	return listed(found, err, "high", topics)
}

// Describe is the function Describe.
func (t *Together) Describe(ctx context.Context, topic string) (Topic, error) {
	found, err := t.topics.of(ctx, []string{topic})
	if err != nil {
		return Topic{}, err
	}
	return described(topic, found[topic])
}

// UntilTogether returns the time until all who ask as often as this ask at once.
func UntilTogether(every time.Duration) time.Duration {
	now := time.Now()
	return now.Truncate(every).Add(every).Sub(now)
}

// gathering is one kind of question about topics.
type gathering[T any] struct {
	ask func(ctx context.Context, topics ...string) (T, error)

	mu   sync.Mutex
	next *request[T] // collects until it is asked; nil when nobody waits
	busy bool        // a request is under way
}

// request is what several ask for at once.
type request[T any] struct {
	topics map[string]struct{}
	done   chan struct{}
	found  T // of all of them
	err    error
}

// togetherTime bounds a request, which nobody's context ends.
const togetherTime = 5 * time.Second

// of returns what is known of some topics, and maybe of others. A failure that may be another's is asked again alone.
func (g *gathering[T]) of(ctx context.Context, topics []string) (found T, err error) {
	r := g.join(topics)
	select {
	case <-ctx.Done():
		return found, ctx.Err()
	case <-r.done:
	}
	if r.err != nil {
		return g.ask(ctx, topics...)
	}
	return r.found, nil
}

// join adds topics to the next request.
func (g *gathering[T]) join(topics []string) *request[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.next == nil {
		g.next = &request[T]{topics: map[string]struct{}{}, done: make(chan struct{})}
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
func (g *gathering[T]) take() *request[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.next
	g.next, g.busy = nil, r != nil
	return r
}

// run sends requests while there are any.
func (g *gathering[T]) run() {
	for r := g.take(); r != nil; r = g.take() {
		ctx, cancel := context.WithTimeout(context.Background(), togetherTime)
		r.found, r.err = g.ask(ctx, slices.Collect(maps.Keys(r.topics))...)
		cancel()
		close(r.done)
	}
}
