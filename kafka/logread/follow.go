package logread

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Start says where to begin in each partition of some topics.
type Start map[string]map[int32]kgo.Offset

// Follow calls fn with the committed records of topics, from their starts on, each
// partition's in their order, until the context ends; it returns its cause then. It waits for
// brokers that are away. What they refuse is reported to fault, again and again while it lasts.
// Both are called by the caller's goroutine; while fn waits its topics are not read
// further, those of others are.
func (p *Pool) Follow(ctx context.Context, start Start, fn func(*kgo.Record), fault func(topic string, partition int32, err error)) error {
	s, err := p.subscribe(start)
	if err != nil {
		return err
	}
	defer p.leave(s)
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.lane.ctx.Done():
			return ErrClosed
		case <-s.queue.filled:
		}
		records, faults := s.queue.take()
		for _, f := range faults {
			fault(f.topic, f.partition, f.err)
		}
		for _, r := range records {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			fn(r)
		}
	}
}

// fetchWait is how long a broker may keep a fetch that finds nothing. A topic that is added
// is read with the next fetch.
const fetchWait = 250 * time.Millisecond

// lane is a client that follows topics, each for one subscription. A topic that is
// followed twice takes two lanes: a client reads it once.
type lane struct {
	client *kgo.Client
	ctx    context.Context
	stop   context.CancelFunc

	// Guarded by the pool's mutex; nil for a topic whose subscription is being removed.
	subs map[string]*subscription
}

// subscription is one call of Follow.
type subscription struct {
	lane   *lane
	topics []string
	queue  queue
}

// subscribe adds topics to the first lane that follows none of them.
func (p *Pool) subscribe(start Start) (*subscription, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	l, err := p.free(start)
	if err != nil {
		return nil, err
	}
	s := &subscription{lane: l, topics: slices.Collect(maps.Keys(start))}
	s.queue = queue{
		filled: make(chan struct{}, 1),
		pause:  func() { l.client.PauseFetchTopics(s.topics...) },
		resume: func() { l.client.ResumeFetchTopics(s.topics...) },
	}
	for _, topic := range s.topics {
		l.subs[topic] = s
	}
	l.client.AddConsumePartitions(start)
	return s, nil
}

func (p *Pool) free(start Start) (*lane, error) {
	for _, l := range p.lanes {
		if !l.follows(start) {
			return l, nil
		}
	}
	client, err := p.settings.Client(kgo.FetchMaxWait(fetchWait))
	if err != nil {
		return nil, err
	}
	l := &lane{client: client, subs: map[string]*subscription{}}
	l.ctx, l.stop = context.WithCancel(context.Background())
	p.lanes = append(p.lanes, l)
	p.over.Go(func() { p.poll(l) })
	return l, nil
}

func (l *lane) follows(start Start) bool {
	for topic := range start {
		if _, taken := l.subs[topic]; taken {
			return true
		}
	}
	return false
}

// leave removes a subscription, and its lane when it was the last one there.
func (p *Pool) leave(s *subscription) {
	s.queue.end()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	l := s.lane
	for _, topic := range s.topics {
		l.subs[topic] = nil
	}
	if l.idle() {
		p.lanes = slices.DeleteFunc(p.lanes, func(other *lane) bool { return other == l })
		p.over.Go(l.close)
		return
	}
	p.over.Go(func() { p.remove(s) })
}

func (l *lane) idle() bool {
	for _, s := range l.subs {
		if s != nil {
			return false
		}
	}
	return true
}

// remove makes the topics of a subscription that is over free for others. The client
// forgets all of them: they may be deleted and made again.
func (p *Pool) remove(s *subscription) {
	s.lane.client.PurgeTopicsFromConsuming(s.topics...)
	s.lane.client.ResumeFetchTopics(s.topics...)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, topic := range s.topics {
		delete(s.lane.subs, topic)
	}
}

func (l *lane) close() {
	l.stop()
	l.client.Close()
}

// poll hands what a lane's client fetches to the subscriptions, until the lane is closed.
func (p *Pool) poll(l *lane) {
	for {
		fetches := l.client.PollFetches(l.ctx)
		if l.ctx.Err() != nil {
			return
		}
		fetches.EachPartition(func(f kgo.FetchTopicPartition) {
			for _, s := range p.subscriptions(l, f.Topic) {
				s.queue.put(f)
			}
		})
	}
}

// subscriptions returns who is notified of a topic: all of the lane where an error names none.
func (p *Pool) subscriptions(l *lane, topic string) []*subscription {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []*subscription
	if topic != "" {
		if s := l.subs[topic]; s != nil {
			out = append(out, s)
		}
		return out
	}
	for _, s := range l.subs {
		if s != nil && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
