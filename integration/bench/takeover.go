package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/cmd/tidemark/demo/load"
	"github.com/tidemark/tidemark/codecs/wire"
)

// settleFor is how long the group is left alone before and after an event. It is
// longer than a session.
const settleFor = 12 * time.Second

// takeover measures how long partitions make no progress while members of a group
// join, leave, die and are paused, at a steady rate of events.
func (b *bench) takeover(ctx context.Context) error {
	const topic, keys = "moved.public.orders", 200_000
	g := load.NewOrders(load.Options{Seed: 5, Keys: keys, DeletePercent: 3})
	if err := b.fill(ctx, topic, g, keys, keys); err != nil {
		return err
	}
	c, err := b.producer()
	if err != nil {
		return err
	}
	defer c.Close()
	group := &group{b: b, topic: topic}
	first, err := group.join(ctx)
	if err != nil {
		return err
	}
	if err := b.awaitCommitted(ctx, "moved", topic); err != nil {
		return err
	}
	loadCtx, stop := context.WithCancel(ctx)
	defer stop()
	go steady(loadCtx, c, topic, g, takeoverLoad)
	w, err := b.watch(ctx, "moved-table")
	if err != nil {
		return err
	}
	defer w.close()
	fmt.Fprintf(b.out, "\n### Takeover: longest gap between two changelog records of a partition, %d events/s, %d partitions\n\n", takeoverLoad, partitions)
	fmt.Fprintln(b.out, "| event | partitions that stay, ms (goal <= 500) | that move, ms (goal <= 2000) | moved |\n|---|---|---|---|")
	return group.events(ctx, w, first)
}

// group is the processes of one consumer group.
type group struct {
	b       *bench
	topic   string
	members int
}

func (g *group) join(ctx context.Context) (*process, error) {
	g.members++
	dir := filepath.Join(g.b.dir, "member"+strconv.Itoa(g.members))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	t := load.Orders(g.topic)
	t.Name = "moved"
	return g.b.tidemark(ctx, t, []string{"processor"}, dir)
}

// events goes through what may happen to a group of two or three.
func (g *group) events(ctx context.Context, w *watcher, first *process) error {
	var second, third *process
	signal := func(p **process, s syscall.Signal) func() error {
		return func() error { return (*p).cmd.Process.Signal(s) }
	}
	for _, e := range []struct {
		name string
		do   func() error
	}{
		{"steady", func() error { return nil }},
		{"a second joins, empty disk", func() (err error) { second, err = g.join(ctx); return err }},
		{"a third joins, empty disk", func() (err error) { third, err = g.join(ctx); return err }},
		{"SIGTERM of the third", signal(&third, syscall.SIGTERM)},
		{"kill -9 of the second", signal(&second, syscall.SIGKILL)},
		{"another joins", func() (err error) { second, err = g.join(ctx); return err }},
		{"SIGSTOP of it for 9 s, then SIGCONT", func() error {
			if err := second.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
				return err
			}
			time.AfterFunc(9*time.Second, func() { _ = second.cmd.Process.Signal(syscall.SIGCONT) })
			return nil
		}},
	} {
		if err := wait(ctx, 3*time.Second); err != nil {
			return err
		}
		w.reset()
		if err := e.do(); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		if err := wait(ctx, settleFor); err != nil {
			return err
		}
		stay, move, moved := w.gaps()
		fmt.Fprintf(g.b.out, "| %s | %s | %s | %d |\n", e.name, ms(stay), ms(move), moved)
	}
	_, err := first.stop(time.Now())
	return err
}

// watcher follows a changelog and keeps the longest gap of each partition.
type watcher struct {
	client *kgo.Client
	mu     sync.Mutex
	parts  [partitions]struct {
		last    time.Time
		member  uint8
		longest time.Duration
		moved   bool
	}
}

func (b *bench) watch(ctx context.Context, changelog string) (*watcher, error) {
	c, err := b.client(kgo.ConsumeTopics(changelog), kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd()))
	if err != nil {
		return nil, err
	}
	w := &watcher{client: c}
	go func() {
		for {
			fetches := c.PollFetches(ctx)
			if ctx.Err() != nil || fetches.IsClientClosed() {
				return
			}
			fetches.EachRecord(w.see)
		}
	}()
	return w, nil
}

func (w *watcher) close() { w.client.Close() }

func (w *watcher) see(r *kgo.Record) {
	if len(r.Headers) == 0 {
		return
	}
	stamp, err := wire.ParseStamp(r.Headers[0].Value)
	if err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	p := &w.parts[r.Partition]
	if !p.last.IsZero() {
		p.longest = max(p.longest, r.Timestamp.Sub(p.last))
		p.moved = p.moved || p.member != stamp.Instance
	}
	p.last, p.member = r.Timestamp, stamp.Instance
}

// reset forgets the gaps so far.
func (w *watcher) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.parts {
		w.parts[i].longest, w.parts[i].moved = 0, false
	}
}

// gaps returns the longest gap of the partitions that stayed with their member and
// of those that did not, and how many those were.
func (w *watcher) gaps() (stay, move time.Duration, moved int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.parts {
		if p.moved {
			moved++
			move = max(move, p.longest)
		} else {
			stay = max(stay, p.longest)
		}
	}
	return stay, move, moved
}
