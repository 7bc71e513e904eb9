package logread

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
)

// TestClientsDoNotGrowWithTopics needs no brokers: a follower waits for them.
func TestClientsDoNotGrowWithTopics(t *testing.T) {
	p := NewPool(kafka.Settings{Brokers: []string{"127.0.0.1:1"}})
	t.Cleanup(p.Close)
	ctx, cancel := context.WithCancel(t.Context())
	var over sync.WaitGroup
	follow := func(topic string) {
		over.Go(func() {
			start := Start{topic: {0: kgo.NewOffset().AtStart()}}
			err := p.Follow(ctx, start, func(*kgo.Record) {}, func(string, int32, error) {})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("topic %s: %v", topic, err)
			}
		})
	}
	for i := range 100 {
		follow(fmt.Sprint("t", i))
		follow(fmt.Sprint("t", i))
	}
	p.until(t, func() bool { return p.followed() == 200 })
	if len(p.lanes) != 2 {
		t.Errorf("%d clients follow 100 topics twice, want 2", len(p.lanes))
	}
	cancel()
	over.Wait()
	p.until(t, func() bool { return len(p.lanes) == 0 })
}

func (p *Pool) followed() (n int) {
	for _, l := range p.lanes {
		n += len(l.subs)
	}
	return n
}

// until waits for a state of the pool.
func (p *Pool) until(t *testing.T, reached func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for tick := time.Tick(5 * time.Millisecond); ; {
		p.mu.Lock()
		ok := reached()
		p.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-deadline:
			t.Fatal("the pool did not get there")
		case <-tick:
		}
	}
}

func TestAPoolThatIsGivenStaysOpen(t *testing.T) {
	s := kafka.Settings{Brokers: []string{"127.0.0.1:1"}}
	given := NewPool(s)
	t.Cleanup(given.Close)
	shared, release := given.Or(s)
	release()
	if _, err := shared.Client(); shared != given || err != nil {
		t.Errorf("one that others use was closed: %v", err)
	}
	own, release := (*Pool)(nil).Or(s)
	if _, err := own.Client(); err != nil {
		t.Error(err)
	}
	release()
	if _, err := own.Client(); !errors.Is(err, ErrClosed) {
		t.Errorf("one of its own was not closed: %v", err)
	}
}
