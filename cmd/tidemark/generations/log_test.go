package generations_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/kafka/logread"
)

const patience = 20 * time.Second

func start(t *testing.T) kafka.Settings {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return kafka.Settings{Brokers: b.Addrs()}
}

// follow opens a log as another process would.
func follow(t *testing.T, s kafka.Settings) *generations.Log {
	t.Helper()
	pool := logread.NewPool(s)
	t.Cleanup(pool.Close)
	l := generations.Open(s, pool, orders("a"), events.Log(slog.New(slog.NewTextHandler(t.Output(), nil))))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = l.Follow(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done })
	return l
}

// until waits for a state.
func until(t *testing.T, l *generations.Log, what string, ok func(generations.State) bool) generations.State {
	t.Helper()
	timeout := time.After(patience)
	for {
		s, changed := l.State()
		if s.Known() && ok(s) {
			return s
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("not %s: %+v", what, s)
		}
	}
}

func any(generations.State) bool { return true }

// TestFirstRecordOfANumberCounts lets many processes want different things at once.
func TestFirstRecordOfANumberCounts(t *testing.T) {
	s := start(t)
	logs := make([]*generations.Log, 4)
	for i := range logs {
		logs[i] = follow(t, s)
		until(t, logs[i], "read", any)
	}
	const steps = 5
	won := make([]int, len(logs))
	var wg sync.WaitGroup
	for i, l := range logs {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			for {
				state, _ := l.State()
				if state.Record.Number >= steps {
					return
				}
				next := generations.First(orders("a"), maker)
				next.Highest = i
				err := l.Propose(ctx, state, next)
				switch {
				case err == nil:
					won[i]++
				case !errors.Is(err, generations.ErrLost):
					t.Errorf("process %d: %v", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
	total := 0
	for _, n := range won {
		total += n
	}
	if total != steps {
		t.Errorf("%v steps were won, want %d", won, steps)
	}
	last := until(t, logs[0], "at the last", func(s generations.State) bool { return s.Record.Number == steps })
	for _, l := range append(logs, follow(t, s)) { // one that comes later sees the same
		got := until(t, l, "at the last", func(s generations.State) bool { return s.Record.Number == steps })
		if got.Record.Writer != last.Record.Writer || got.Record.Highest != last.Record.Highest {
			t.Errorf("one sees the step of %s, another that of %s", got.Record.Writer, last.Record.Writer)
		}
	}
}

// TestOldRecordsAreRemoved takes more steps than are kept.
func TestOldRecordsAreRemoved(t *testing.T) {
	s := start(t)
	l := follow(t, s)
	state := until(t, l, "read", any)
	for range 40 {
		if err := l.Propose(t.Context(), state, generations.First(orders("a"), maker)); err != nil {
			t.Fatal(err)
		}
		state, _ = l.State()
	}
	later := follow(t, s)
	until(t, later, "at the last", func(s generations.State) bool { return s.Record.Number == 40 })
	client, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ends, err := kafka.EndOffsets(t.Context(), client, s.Names(orders("a")).Generations)
	if err != nil {
		t.Fatal(err)
	}
	if tombstones := ends[0] - 40; tombstones < 20 || tombstones > 40 {
		t.Errorf("%d records were removed after 40 steps", tombstones)
	}
}

func TestMembersAreHeard(t *testing.T) {
	s := start(t)
	a, b := follow(t, s), follow(t, s)
	until(t, a, "read", any)
	if err := b.Tell(t.Context(), &wire.Member{Serves: 2, Runs: []int{2, 3}}); err != nil {
		t.Fatal(err)
	}
	state := until(t, a, "heard", func(s generations.State) bool { return len(s.Fresh(a.ID(), time.Now())) == 1 })
	if m := state.Fresh(a.ID(), time.Now())[0]; m.Serves != 2 || len(m.Runs) != 2 {
		t.Errorf("heard of %+v", m)
	}
	if n := len(state.Fresh(a.ID(), time.Now().Add(time.Minute))); n != 0 {
		t.Errorf("%d are heard of after a minute", n)
	}
	if err := b.Tell(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	until(t, a, "without it", func(s generations.State) bool { return len(s.Members) == 0 })
}
