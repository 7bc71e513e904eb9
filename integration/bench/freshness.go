package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/cmd/tidemark/demo/load"
)

const (
	freshnessRate = 1000 // events a second
	freshnessFor  = 30 * time.Second
	freshnessEach = 10 // one event in so many is asked for over HTTP
)

// freshness measures the time from before an event is produced until a lookup of
// its key over HTTP has answered with a position that holds it.
func (b *bench) freshness(ctx context.Context) error {
	const topic = "fresh.public.orders"
	g := load.NewOrders(load.Options{Seed: 2, Keys: 20_000})
	if err := b.fill(ctx, topic, g, 20_000, 20_000); err != nil {
		return err
	}
	t := load.Orders(topic)
	t.Name = "fresh"
	dir := filepath.Join(b.dir, "freshness")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	p, err := b.tidemark(ctx, t, []string{"processor", "view"}, dir)
	if err != nil {
		return err
	}
	if err := p.ready(ctx); err != nil {
		return err
	}
	times, err := b.sample(ctx, p, topic, t.Name, g)
	if err != nil {
		return err
	}
	if _, err := p.stop(time.Now()); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\n### Freshness: produce to readable over HTTP, %d events/s, %d lookups\n\n", freshnessRate, len(times))
	fmt.Fprintln(b.out, "| p50 ms (goal <= 5) | p99 ms (goal <= 20) | max ms |\n|---|---|---|")
	fmt.Fprintf(b.out, "| %s | %s | %s |\n", ms(quantile(times, 0.5)), ms(quantile(times, 0.99)), ms(quantile(times, 1)))
	return nil
}

// sample produces at the rate and asks for one event in ten.
func (b *bench) sample(ctx context.Context, p *process, topic, table string, g *load.Generator) ([]time.Duration, error) {
	c, err := b.producer()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	web := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 40 * time.Second}
	var (
		mu    sync.Mutex
		times []time.Duration
		fault error
		asked sync.WaitGroup
	)
	tick := time.NewTicker(time.Second / freshnessRate)
	defer tick.Stop()
	for n := range int(freshnessFor.Seconds() * freshnessRate) {
		<-tick.C
		id := n * 7919 % 20_000
		e := g.Change(id)[0]
		began := time.Now()
		ask := n%freshnessEach == 0
		if ask {
			asked.Add(1)
		}
		c.Produce(ctx, &kgo.Record{Topic: topic, Key: e.Key, Value: e.Value}, func(r *kgo.Record, err error) {
			if !ask {
				return
			}
			go func() {
				defer asked.Done()
				if err == nil {
					err = lookupAt(ctx, web, p.url+"/v1/tables/"+table+"/rows/"+strconv.Itoa(id), r)
				}
				mu.Lock()
				defer mu.Unlock()
				times = append(times, time.Since(began))
				if err != nil {
					fault = err
				}
			}()
		})
	}
	asked.Wait()
	return times, fault
}

// lookupAt reads a row at or after the record.
func lookupAt(ctx context.Context, web *http.Client, url string, r *kgo.Record) error {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	q.Header.Set("Tidemark-Min-Position", fmt.Sprintf("%d:%d", r.Partition, r.Offset+1))
	q.Header.Set("Tidemark-Wait", "10s")
	a, err := web.Do(q)
	if err != nil {
		return err
	}
	if a.StatusCode != http.StatusOK {
		err = fmt.Errorf("lookup: %s", a.Status)
	}
	if cerr := a.Body.Close(); err == nil {
		err = cerr
	}
	return err
}
