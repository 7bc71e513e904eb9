package integration

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/tables"
)

// TestClientsResumeUnderLoad has a client that follows a table come back again and again, at
// one process and at another, while rows change all the time, and through the death of
// one: it is never reset, gets no change twice and every row in the end, wherever
// the table's processors find a key's records.
func TestClientsResumeUnderLoad(t *testing.T) {
	for _, name := range []string{"murmur2", "any"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resumeUnderLoad(t, name)
		})
	}
}

func resumeUnderLoad(t *testing.T, name string) {
	c := harness.NewCluster(t)
	topic := c.Topic(t, "shop.public.orders", 3)
	table := harness.Table("orders", topic, "debezium-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("v", "int64"))
	partitioner(name)(table)
	cfg := harness.Config{Tables: []m{table}}
	all := []*harness.Process{harness.New(t, c, cfg), harness.New(t, c, cfg)}
	for _, p := range all {
		p.Start()
	}
	for _, p := range all {
		p.WaitReady()
	}
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- changeAllTheTime(c, topic, stop) }()
	f := &harness.Follower{Check: newer}
	ids := map[string]bool{}
	for round := range 40 {
		if round == 20 {
			all[0].Kill()
		}
		at := all[1]
		if round < 20 && round%2 == 0 {
			at = all[0]
		}
		resume(t, at, f, 1+round*7%50)
		ids[f.LastID] = true
		if plain := !strings.Contains(f.LastID, ";"); plain != (name == "murmur2") {
			t.Errorf("the id is %q", f.LastID)
		}
		source, _, _ := strings.Cut(f.LastID, ";")
		if p, err := tables.ParsePosition(source); err != nil || len(p) == 0 {
			t.Errorf("the id %q does not begin with a position: %v", f.LastID, err)
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	all[1].CaughtUp(t, "orders")
	want := all[1].Rows(t, "orders", "")
	harness.Poll(t, 30*time.Second, "the client to have the table's rows", func() bool {
		resume(t, all[1], f, 1)
		return harness.Differences(want, slices.Collect(maps.Values(f.Rows)), "id") == ""
	})
	if f.Resets != 0 {
		t.Errorf("%d resets", f.Resets)
	}
	if len(ids) < 20 || f.Events < 200 {
		t.Errorf("%d ids and %d events are no load", len(ids), f.Events)
	}
}

// changeAllTheTime changes, deletes and inserts rows until it is to stop. What is in v rises.
func changeAllTheTime(c *harness.Cluster, topic string, stop <-chan struct{}) error {
	d := &harness.Debezium{Key: []string{"id"}}
	have := map[int]int{}
	for v := 1; ; v++ {
		select {
		case <-stop:
			return nil
		case <-time.After(2 * time.Millisecond):
		}
		var events []harness.Event
		for i := range 4 {
			id := (v*31 + i*17) % 60
			switch was, has := have[id]; {
			case has && v%5 == 0:
				events = append(events, d.Delete(m{"id": id, "v": was})...)
				delete(have, id)
			case has:
				events = append(events, d.Update(m{"id": id, "v": 10*v + i}))
				have[id] = 10*v + i
			default:
				events = append(events, d.Create(m{"id": id, "v": 10*v + i}))
				have[id] = 10*v + i
			}
		}
		if err := c.Send(topic, events...); err != nil {
			return err
		}
	}
}

// newer refuses a row that a client got before.
func newer(before, now harness.Row) error {
	var was, is int64
	if _, err := fmt.Sscan(fmt.Sprint(before["v"], " ", now["v"]), &was, &is); err != nil {
		return err
	}
	if is <= was {
		return fmt.Errorf("%d comes behind %d", is, was)
	}
	return nil
}

// resume takes so many events, or what comes in a while.
func resume(t *testing.T, p *harness.Process, f *harness.Follower, events int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	if f.Events > 0 && events == 1 {
		ctx, cancel = context.WithTimeout(t.Context(), 500*time.Millisecond)
	}
	defer cancel()
	from := f.Events
	if err := f.Follow(ctx, &p.Client, "/v1/tables/orders/changes?snapshot=true", func() bool { return f.Events-from >= events }); err != nil {
		t.Fatal(err)
	}
}
