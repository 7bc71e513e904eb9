package logread_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka/kafkatest"
	"github.com/tidemark/tidemark/kafka/logread"
)

// pool is closed when the test ends, after whoever follows by it.
func (w *world) pool() *logread.Pool {
	p := logread.NewPool(w.settings)
	w.t.Cleanup(p.Close)
	return p
}

func (w *world) make(topics ...string) {
	w.t.Helper()
	if _, err := kadm.NewClient(w.client).CreateTopics(w.t.Context(), 1, 1, nil, topics...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) putTo(topic string, values ...string) {
	w.t.Helper()
	for _, v := range values {
		if err := w.client.ProduceSync(w.t.Context(), &kgo.Record{Topic: topic, Value: []byte(v)}).FirstErr(); err != nil {
			w.t.Fatal(err)
		}
	}
}

// follower collects what a Follow reads of a topic.
type follower struct {
	t    *testing.T
	stop context.CancelFunc
	over chan error
	gate sync.RWMutex // held while nothing may be taken

	mu    sync.Mutex
	got   []string
	moved chan struct{}
}

func follow(t *testing.T, p *logread.Pool, topic string) *follower {
	t.Helper()
	f := &follower{t: t, over: make(chan error, 1), moved: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	f.stop = cancel
	t.Cleanup(cancel)
	start := logread.Start{topic: {0: kgo.NewOffset().AtStart()}}
	go func() {
		f.over <- p.Follow(ctx, start, func(r *kgo.Record) {
			f.gate.RLock()
			defer f.gate.RUnlock()
			f.mu.Lock()
			defer f.mu.Unlock()
			f.got = append(f.got, string(r.Value))
			select {
			case f.moved <- struct{}{}:
			default:
			}
		}, func(topic string, partition int32, err error) {
			if ctx.Err() == nil {
				t.Errorf("%s/%d: %v", topic, partition, err)
			}
		})
	}()
	return f
}

// want waits until the follower has these values, and nothing else.
func (f *follower) want(values ...string) {
	f.t.Helper()
	deadline := time.After(patience)
	for {
		f.mu.Lock()
		got := strings.Join(f.got, " ")
		f.mu.Unlock()
		if got == strings.Join(values, " ") {
			return
		}
		select {
		case <-f.moved:
		case <-deadline:
			f.t.Fatalf("%d bytes were read, want %d: %.200s", len(got), len(strings.Join(values, " ")), got)
		}
	}
}

// end stops the follower, and returns once its topics are free.
func (f *follower) end(want error) {
	f.t.Helper()
	f.stop()
	if err := <-f.over; !errors.Is(err, want) {
		f.t.Errorf("Follow returned %v, want %v", err, want)
	}
}

func TestFollowGoesOnFromItsStart(t *testing.T) {
	w, names := open(t), []string{"a", "b", "c"}
	w.make(names...)
	p := w.pool()
	var all []*follower
	for _, name := range names {
		w.putTo(name, name+"1", name+"2")
		all = append(all, follow(t, p, name))
	}
	for i, name := range names {
		all[i].want(name+"1", name+"2")
		w.putTo(name, name+"3")
		all[i].want(name+"1", name+"2", name+"3")
	}
	again := follow(t, p, "a") // beside the first one
	again.want("a1", "a2", "a3")
	w.putTo("a", "a4")
	again.want("a1", "a2", "a3", "a4")
	all[0].want("a1", "a2", "a3", "a4")
	all[0].end(context.Canceled)
	w.putTo("a", "a5")
	again.want("a1", "a2", "a3", "a4", "a5")
	follow(t, p, "a").want("a1", "a2", "a3", "a4", "a5")
}

func TestFollowLeavesOutWhatWasNotCommitted(t *testing.T) {
	w := open(t)
	w.transaction(abort, 0, "no")
	w.put(w.client, 0, "yes")
	follow(t, w.pool(), topic).want("yes")
}

func abort(c *kgo.Client) error {
	return kafkatest.EndTransaction(context.Background(), c, kgo.TryAbort, topic)
}

func TestASlowFollowerDoesNotHoldOthers(t *testing.T) {
	w := open(t)
	w.make("slow", "quick")
	p := w.pool()
	slow, quick := follow(t, p, "slow"), follow(t, p, "quick")
	slow.gate.Lock()
	var large, small []string
	for i := range 24 { // more than a queue takes, in several fetches
		large = append(large, fmt.Sprintf("%02d%s", i, strings.Repeat("x", 1<<19)))
		small = append(small, fmt.Sprint(i))
	}
	w.putTo("slow", large...)
	w.putTo("quick", small...)
	quick.want(small...)
	slow.gate.Unlock()
	slow.want(large...)
	w.putTo("slow", "last")
	slow.want(append(large, "last")...)
}

func TestATopicThatIsMadeAgainIsFollowedAnew(t *testing.T) {
	w := open(t)
	w.make("a", "other")
	p := w.pool()
	w.putTo("a", "old1", "old2")
	other := follow(t, p, "other")
	first := follow(t, p, "a")
	first.want("old1", "old2")
	first.end(context.Canceled)
	admin := kadm.NewClient(w.client)
	if _, err := admin.DeleteTopics(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	w.make("a")
	w.client.PurgeTopicsFromProducing("a")
	w.putTo("a", "new")
	follow(t, p, "a").want("new")
	w.putTo("other", "still")
	other.want("still")
}

func TestAPoolThatIsClosedEndsItsFollowers(t *testing.T) {
	w := open(t)
	w.make("a")
	p := w.pool()
	f := follow(t, p, "a")
	w.putTo("a", "1")
	f.want("1")
	client, err := p.Client()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := p.Client(); again != client || err != nil {
		t.Errorf("another client: %v", err)
	}
	p.Close()
	if err := <-f.over; !errors.Is(err, logread.ErrClosed) {
		t.Errorf("Follow returned %v", err)
	}
	if _, err := p.Client(); !errors.Is(err, logread.ErrClosed) {
		t.Errorf("Client returned %v", err)
	}
	if err := p.Follow(t.Context(), logread.Start{"a": {0: kgo.NewOffset()}}, nil, nil); !errors.Is(err, logread.ErrClosed) {
		t.Errorf("a Follow of a closed pool returned %v", err)
	}
}
