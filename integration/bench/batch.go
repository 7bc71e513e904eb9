package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/cmd/tidemark/demo/load"
	"github.com/tidemark/tidemark/tables"
)

// Events a second while a batch is taken, and while members come and go. A pause is
// only as visible as events are dense.
const (
	batchLoad    = 4000
	takeoverLoad = 1000
)

// batch takes a batch after some changes in a large table while changes continue,
// and then starts the process again.
func (b *bench) batch(ctx context.Context) error {
	const topic = "large.public.orders"
	g := load.NewOrders(load.Options{Seed: 4, Keys: b.rows, DeletePercent: 3})
	if err := b.fill(ctx, topic, g, b.rows, b.rows); err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "batch")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	t := load.Orders(topic)
	t.Name = "large"
	roles := []string{"processor", "view"}
	began := time.Now()
	p, err := b.tidemark(ctx, t, roles, dir)
	if err != nil {
		return err
	}
	if err := p.ready(ctx); err != nil {
		return err
	}
	fmt.Fprintf(b.talk, "bench: %d rows are readable after %s\n", b.rows, time.Since(began).Round(time.Millisecond))
	first, err := p.takeBatch(ctx)
	if err != nil {
		return err
	}
	took, pause, err := b.batchUnderLoad(ctx, p, topic, g)
	if err != nil {
		return err
	}
	// The file is written behind the batch; the restart below starts from it.
	if err := p.download(ctx, took.Batch); err != nil {
		return err
	}
	u, err := p.stop(began)
	if err != nil {
		return err
	}
	again, err := b.startAgain(ctx, t, roles, dir)
	if err != nil {
		return err
	}
	b.writeBatch(first, took, pause, again, u)
	return nil
}

// restart is how long a process that was there before takes until its rows can be read, and until they are up
// to date.
type restart struct{ readable, ready time.Duration }

func (b *bench) writeBatch(first, took batchAnswer, pause gaps, again restart, u usage) {
	fmt.Fprintf(b.out, "\n### Batch and restart: %d rows, %d changes since the batch before, %d events/s meanwhile\n\n", b.rows, b.changes, batchLoad)
	fmt.Fprintln(b.out, "| what | measured | goal |\n|---|---|---|")
	fmt.Fprintf(b.out, "| first batch, all rows | %d ms | |\n", first.TookMs)
	fmt.Fprintf(b.out, "| batch (%d rows changed) | %d ms | <= 3000 ms |\n", took.Changed, took.TookMs)
	fmt.Fprintf(b.out, "| longest gap between two records of a partition: before | %s ms | |\n", ms(pause.quiet))
	fmt.Fprintf(b.out, "| the same, while the batch was taken | %s ms | <= 50 ms |\n", ms(pause.batch))
	fmt.Fprintf(b.out, "| restart: readable | %s ms | <= 5000 ms |\n| restart: caught up | %s ms | |\n", ms(again.readable), ms(again.ready))
	fmt.Fprintf(b.out, "| peak memory | %d MB | |\n", u.rss>>20)
}

// startAgain starts the process once more where it was, and stops it when its rows are up to date.
func (b *bench) startAgain(ctx context.Context, t *tables.Table, roles []string, dir string) (took restart, err error) {
	began := time.Now()
	p, err := b.tidemark(ctx, t, roles, dir)
	if err != nil {
		return took, err
	}
	if err := p.readable(ctx, "/v1/tables/large/rows?limit=1"); err != nil {
		return took, err
	}
	took.readable = time.Since(began)
	if err := p.ready(ctx); err != nil {
		return took, err
	}
	took.ready = time.Since(began)
	_, err = p.stop(began)
	return took, err
}

type batchAnswer struct {
	Batch   uint64 `json:"batch"`
	TookMs  int64  `json:"took_ms"`
	Changed int64  `json:"changed"`
}

func (p *process) takeBatch(ctx context.Context) (batchAnswer, error) {
	var a batchAnswer
	err := p.call(ctx, http.MethodPost, "/v1/tables/large/batches?wait=30s", http.StatusCreated, &a)
	if a.Batch == 0 && err == nil {
		err = errors.New("the answer names no batch")
	}
	return a, err
}

func (p *process) call(ctx context.Context, method, path string, want int, into any) error {
	q, err := http.NewRequestWithContext(ctx, method, p.url+path, nil)
	if err != nil {
		return err
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if r.StatusCode != want {
		return fmt.Errorf("%s %s: %s: %s", method, path, r.Status, body)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}

func (p *process) download(ctx context.Context, batch uint64) error {
	return p.call(ctx, http.MethodGet, fmt.Sprintf("/v1/tables/large/batches/%d.parquet", batch), http.StatusOK, nil)
}

// readable waits for the first answer with rows.
func (p *process) readable(ctx context.Context, path string) error {
	return poll(ctx, 5*time.Minute, func() (bool, error) {
		return p.call(ctx, http.MethodGet, path, http.StatusOK, nil) == nil, nil
	})
}

// batchUnderLoad makes the changes, and takes the batch while more arrive.
func (b *bench) batchUnderLoad(ctx context.Context, p *process, topic string, g *load.Generator) (batchAnswer, gaps, error) {
	c, err := b.producer()
	if err != nil {
		return batchAnswer{}, gaps{}, err
	}
	defer c.Close()
	left := b.changes
	if _, err := send(ctx, c, topic, func() []load.Event {
		if left--; left < 0 {
			return nil
		}
		return g.Next()
	}); err != nil {
		return batchAnswer{}, gaps{}, err
	}
	if err := p.ready(ctx); err != nil {
		return batchAnswer{}, gaps{}, err
	}
	loadCtx, stop := context.WithCancel(ctx)
	defer stop()
	go steady(loadCtx, c, topic, g, batchLoad)
	w, err := b.watch(ctx, "large-table")
	if err != nil {
		return batchAnswer{}, gaps{}, err
	}
	defer w.close()
	if err := wait(ctx, 2*time.Second); err != nil {
		return batchAnswer{}, gaps{}, err
	}
	return p.batchWatched(ctx, w)
}

// batchWatched takes a batch and tells the gaps before and meanwhile.
func (p *process) batchWatched(ctx context.Context, w *watcher) (a batchAnswer, g gaps, err error) {
	w.reset()
	if err := wait(ctx, 3*time.Second); err != nil {
		return a, g, err
	}
	g.quiet, _, _ = w.gaps()
	w.reset()
	if a, err = p.takeBatch(ctx); err != nil {
		return a, g, err
	}
	if err := wait(ctx, 2*time.Second); err != nil {
		return a, g, err
	}
	g.batch, _, _ = w.gaps()
	return a, g, nil
}

// gaps are the longest times between two changelog records of a partition, without
// a batch and with one.
type gaps struct{ quiet, batch time.Duration }

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// steady produces so many events a second until ctx ends.
func steady(ctx context.Context, c *kgo.Client, topic string, g *load.Generator, rate int) {
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			for _, e := range g.Next() {
				c.Produce(ctx, &kgo.Record{Topic: topic, Key: e.Key, Value: e.Value}, nil)
			}
		}
	}
}
