package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// brokers answers listings, the first of them when it is let go.
type brokers struct {
	mu     sync.Mutex
	asked  [][]string
	refuse int // this many topics at once
	begun  chan struct{}
	let    chan struct{}
}

func (b *brokers) list(_ context.Context, topics ...string) (kadm.ListedOffsets, error) {
	b.mu.Lock()
	b.asked = append(b.asked, topics)
	first := len(b.asked) == 1
	b.mu.Unlock()
	if first {
		close(b.begun)
		<-b.let
	}
	if b.refuse > 0 && len(topics) >= b.refuse {
		return nil, errors.New("refused")
	}
	out := kadm.ListedOffsets{}
	for _, t := range topics {
		o := kadm.ListedOffset{Topic: t, Offset: int64(len(t))}
		if t == "gone" {
			o.Err = kerr.UnknownTopicOrPartition
		}
		out[t] = map[int32]kadm.ListedOffset{0: o}
	}
	return out, nil
}

// askAll has n tables ask while the first one's request is under way, and returns how often the brokers were asked.
func askAll(t *testing.T, b *brokers, n int) int {
	t.Helper()
	b.begun, b.let = make(chan struct{}), make(chan struct{})
	g := &gathering[kadm.ListedOffsets]{ask: b.list}
	var all sync.WaitGroup
	ask := func(topic string) {
		found, err := g.of(t.Context(), []string{topic})
		got, err := listed(kadm.ListedOffsets{topic: found[topic]}, err, "end", []string{topic})
		switch {
		case topic == "gone":
			if !errors.Is(err, kerr.UnknownTopicOrPartition) {
				t.Errorf("%s: %v, %v", topic, got, err)
			}
		case err != nil || len(got) != 1 || !slices.Equal(got[topic], []int64{int64(len(topic))}):
			t.Errorf("%s: %v, %v", topic, got, err)
		}
	}
	all.Go(func() { ask("first") })
	<-b.begun
	for i := range n {
		all.Go(func() { ask(fmt.Sprint("topic", i)) })
	}
	all.Go(func() { ask("gone") })
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		g.mu.Lock()
		waiting := g.next != nil && len(g.next.topics) == n+1
		g.mu.Unlock()
		if waiting {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody waits")
		}
	}
	close(b.let)
	all.Wait()
	return len(b.asked)
}

// TestTablesThatAskAtTheSameTimeShareRequests has one of them ask for a topic that is not there.
func TestTablesThatAskAtTheSameTimeShareRequests(t *testing.T) {
	if n := askAll(t, new(brokers), 200); n != 2 {
		t.Errorf("the brokers were asked %d times, want 2", n)
	}
}

func TestFailureOfASharedRequestIsAskedAgainAlone(t *testing.T) {
	if n := askAll(t, &brokers{refuse: 2}, 3); n != 6 {
		t.Errorf("the brokers were asked %d times, want 6", n)
	}
}

func TestSharedRequestIsLeftWhenTheContextEnds(t *testing.T) {
	b := &brokers{begun: make(chan struct{}), let: make(chan struct{})}
	g := &gathering[kadm.ListedOffsets]{ask: b.list}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-b.begun; cancel() }()
	if _, err := g.of(ctx, []string{"topic"}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(b.let)
	if got, err := g.of(t.Context(), []string{"topic"}); err != nil || len(got) != 1 {
		t.Errorf("the next one: %v, %v", got, err)
	}
}
