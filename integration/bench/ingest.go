package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/tidemark/tidemark/cmd/tidemark/demo/load"
)

// restFor is how long the processor is left in peace before its files are counted:
// it merges what was overwritten when nothing comes.
const restFor = 30 * time.Second

// ingest compares the processor with the bare loop over the same topic, from an
// empty state until every offset is committed.
func (b *bench) ingest(ctx context.Context) error {
	const topic = "bench.public.orders"
	g := load.NewOrders(load.Options{Seed: 1, Keys: b.keys, DeletePercent: 3})
	if err := b.fill(ctx, topic, g, b.keys, b.events); err != nil {
		return err
	}
	bare, live, err := b.bare(ctx, topic)
	if err != nil {
		return fmt.Errorf("bare loop: %w", err)
	}
	dir := filepath.Join(b.dir, "ingest")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	began := time.Now()
	p, err := b.tidemark(ctx, load.Orders(topic), []string{"processor"}, dir)
	if err != nil {
		return err
	}
	if err := b.awaitCommitted(ctx, "orders", topic); err != nil {
		return err
	}
	u, err := p.usage(began)
	if err != nil {
		return err
	}
	if err := wait(ctx, restFor); err != nil {
		return err
	}
	disk, err := diskUsage(p.data)
	if err != nil {
		return err
	}
	if _, err := p.stop(began); err != nil {
		return err
	}
	b.writeIngest(bare, u, live, disk)
	return nil
}

// writeIngest writes what the plain loop and Tidemark took, and the state's size for so many bytes of rows.
func (b *bench) writeIngest(bare, u usage, live, disk int64) {
	million := float64(b.events) / 1e6
	fmt.Fprintf(b.out, "\n### Ingest: %d events, %d keys, %d partitions\n\n", b.events, b.keys, partitions)
	fmt.Fprintln(b.out, "| what | CPU-s / 1M events | events/s | peak RSS MB |\n|---|---|---|---|")
	for _, r := range []struct {
		what string
		u    usage
	}{{"bare loop", bare}, {"tidemark", u}} {
		fmt.Fprintf(b.out, "| %s | %.2f | %.0f | %d |\n", r.what, r.u.cpu.Seconds()/million, float64(b.events)/r.u.wall.Seconds(), r.u.rss>>20)
	}
	fmt.Fprintf(b.out, "\nratio of CPU: **%.2f x** (goal <= 1.5 x)\n", u.cpu.Seconds()/bare.cpu.Seconds())
	fmt.Fprintf(b.out, "\nstate on disk, at rest: %d MiB, **%.2f x** the bytes of keys and rows (goal <= 1.3 x)\n", disk>>20, float64(disk)/float64(live))
}

// bare runs the bare loop to its end. It also returns the bytes of all keys and
// rows that are left.
func (b *bench) bare(ctx context.Context, topic string) (u usage, live int64, err error) {
	if err := b.topic(ctx, topic+"-bare"); err != nil {
		return u, 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return u, 0, err
	}
	dir := filepath.Join(b.dir, "bare")
	defer os.RemoveAll(dir)
	began := time.Now()
	p, err := b.start(ctx, self, bareCommand, "-brokers", strings.Join(b.brokers, ","), "-topic", topic, "-dir", dir)
	if err != nil {
		return u, 0, err
	}
	ended := p.cmd.Wait()
	text, err := os.ReadFile(p.log.Name())
	if ended != nil || err != nil {
		return u, 0, fmt.Errorf("%w: %s", errors.Join(ended, err), text)
	}
	if _, err := fmt.Sscan(string(text), &live); err != nil {
		return u, 0, err
	}
	state := p.cmd.ProcessState
	return usage{cpu: state.UserTime() + state.SystemTime(), wall: time.Since(began), rss: rss(state)}, live, p.log.Close()
}

func (b *bench) awaitCommitted(ctx context.Context, group, topic string) error {
	c, err := b.client()
	if err != nil {
		return err
	}
	defer c.Close()
	admin := kadm.NewClient(c)
	return poll(ctx, 30*time.Minute, func() (bool, error) { return b.committed(ctx, admin, group, topic) })
}
