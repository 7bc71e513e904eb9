package group

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// ledger has who holds each partition. Each may have one holder.
type ledger struct {
	mu      sync.Mutex
	holders map[int32]string
	twice   []int32
}

func (l *ledger) held(by string) []int32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []int32
	for _, p := range slices.Sorted(maps.Keys(l.holders)) {
		if l.holders[p] == by {
			out = append(out, p)
		}
	}
	return out
}

// holder is a member's handler: it marks what it holds in the ledger.
type holder struct {
	name   string
	ledger *ledger
	last   chan *Assignment
}

func (h *holder) Assigned(ctx context.Context, a *Assignment) {
	h.ledger.mu.Lock()
	if _, taken := h.ledger.holders[a.Partition]; taken {
		h.ledger.twice = append(h.ledger.twice, a.Partition)
	}
	h.ledger.holders[a.Partition] = h.name
	h.ledger.mu.Unlock()
	select {
	case h.last <- a:
	default:
	}
	<-ctx.Done()
	h.ledger.mu.Lock()
	delete(h.ledger.holders, a.Partition)
	h.ledger.mu.Unlock()
}

func (w *world) joins(name string, l *ledger) (h *holder, leave func()) {
	w.t.Helper()
	h = &holder{name: name, ledger: l, last: make(chan *Assignment, 1)}
	m, end := w.member()
	stop := w.runs(m.Table(w.table, h))
	leave = sync.OnceFunc(func() {
		stop()
		end()
	})
	w.t.Cleanup(leave)
	return h, leave
}

// member is a process that joins.
func (w *world) member() (m *Member, leave func()) {
	w.t.Helper()
	m, err := Open(w.options)
	if err != nil {
		w.t.Fatal(err)
	}
	return m, w.until(m.Run)
}

// runs has a table's partitions asked for.
func (w *world) runs(t *Table) (stop func()) { return w.until(t.Run) }

func (w *world) until(run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(stop)
	return stop
}

func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !met(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func TestAPartitionHasOneHolder(t *testing.T) {
	w := newWorld(t, 4)
	l := &ledger{holders: map[int32]string{}}
	w.joins("one", l)
	until(t, "all partitions", func() bool { return len(l.held("one")) == 4 })
	_, leave := w.joins("other", l)
	until(t, "two partitions each", func() bool { return len(l.held("one")) == 2 && len(l.held("other")) == 2 })
	leave()
	until(t, "all partitions again", func() bool { return len(l.held("one")) == 4 })
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.twice) > 0 {
		t.Errorf("partitions %v were held twice", l.twice)
	}
}

// What is written under an assignment, and how far it is marked, ends with the membership.
func TestAnAssignmentWritesWhileItLasts(t *testing.T) {
	w := newWorld(t, 1)
	l := &ledger{holders: map[int32]string{}}
	h, leave := w.joins("one", l)
	a := <-h.last
	write := func() error {
		done := make(chan error, 1)
		a.Producer.Send(&kgo.Record{Topic: w.table.Names.Table, Value: []byte("v")}, func(_ *kgo.Record, err error) { done <- err })
		return <-done
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	a.Mark(7)
	leave()
	if start, err := w.assigned().startOf(t.Context()); err != nil || start != 7 {
		t.Errorf("the next owner begins at %d, %v; want 7", start, err)
	}
	if err := write(); !errors.Is(err, kgo.ErrClientClosed) {
		t.Errorf("after the member has left: %v; want the producer closed", err)
	}
}

func TestAChangelogThatWasMadeAgainIsFilledFromTheStart(t *testing.T) {
	w := newWorld(t, 1)
	other := w.table.Changelog.ID
	other[0]++
	w.processed(9, other)
	var met []int32
	w.table.Progress = func(partition int32, _ *kgo.Record) { met = append(met, partition) }
	h, _ := w.joins("one", &ledger{holders: map[int32]string{}})
	start, err := (<-h.last).Start(t.Context(), func(err error) { t.Error(err) })
	if err != nil || start != 0 {
		t.Errorf("the start is %d, %v; want 0", start, err)
	}
	if !slices.Equal(met, []int32{0}) {
		t.Errorf("progress of %v was told, want of partition 0", met)
	}
}
