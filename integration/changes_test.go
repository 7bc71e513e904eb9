package integration

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// TestWhoFollowsATableHasItsRows lets clients follow filters of a table that changes
// at random, cut off after every few events, through batches and the death of the
// process: in the end each has exactly the rows that a read gives, and no event ever
// came that did not fit what it had.
func TestWhoFollowsATableHasItsRows(t *testing.T) {
	t.Parallel()
	c, p, topic := orders(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 3))
	d := &harness.Debezium{Key: []string{"id"}}
	words := []string{"open", "paid", "sent"}
	have := map[int]string{}
	change := func() {
		for range 1 + r.IntN(40) {
			id, v := r.IntN(50), words[r.IntN(3)]
			was, has := have[id]
			switch {
			case has && r.IntN(3) == 0:
				c.Produce(t, topic, d.Delete(order(id, was))...)
				delete(have, id)
			default:
				c.Produce(t, topic, d.Update(order(id, v)))
				have[id] = v
			}
		}
	}
	change()
	p.CaughtUp(t, "orders")

	filters := []string{"", "v=eq.open", "or=(v.eq.paid,id.lt.10)"}
	followers := make([]harness.Follower, len(filters))
	for round := range 25 {
		switch {
		case round == 8 || round == 16:
			p.Batch(t, "orders")
		case round == 12:
			p.Kill()
			p.Start()
			p.WaitReady()
		}
		change()
		for i := range followers {
			follow(t, p, &followers[i], "orders", filters[i], 1+r.IntN(30))
		}
	}
	p.CaughtUp(t, "orders")
	for i := range followers {
		want := p.Rows(t, "orders", filters[i])
		deadline := time.Now().Add(20 * time.Second)
		diff := "nothing was compared"
		for diff != "" && time.Now().Before(deadline) {
			follow(t, p, &followers[i], "orders", filters[i], 1)
			diff = harness.Differences(want, slices.Collect(maps.Values(followers[i].Rows)), "id")
		}
		if diff != "" {
			t.Errorf("%q: %s", filters[i], diff)
		}
		if followers[i].Resets > 1 {
			t.Errorf("%q was reset %d times; only the process's death is a reason", filters[i], followers[i].Resets)
		}
	}
}

// follow takes so many events, or what comes in a short time.
func follow(t *testing.T, p *harness.Process, f *harness.Follower, table, filter string, events int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	from := f.Events
	path := "/v1/tables/" + table + "/changes?snapshot=true&" + filter
	if err := f.Follow(ctx, &p.Client, path, func() bool { return f.Events-from >= events }); err != nil {
		t.Fatal(err)
	}
}

func TestManyFollowersSlowOnesToo(t *testing.T) {
	t.Parallel()
	c, p, topic := orders(t)
	d := &harness.Debezium{Key: []string{"id"}}
	c.Produce(t, topic, d.Create(order(0, "0")))
	p.CaughtUp(t, "orders")
	const clients, last = 200, 400
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	errs := make(chan error, clients)
	for i := range clients {
		go func() {
			f := harness.Follower{}
			err := f.Follow(ctx, &p.Client, "/v1/tables/orders/changes?snapshot=true", func() bool {
				return f.Rows[`{"id":1}`]["v"] == fmt.Sprint(last)
			})
			if err == nil && f.Rows[`{"id":1}`]["v"] != fmt.Sprint(last) {
				err = fmt.Errorf("client %d has %v after %d events", i, f.Rows, f.Events)
			}
			errs <- err
		}()
	}
	for v := 1; v <= last; v++ {
		c.Produce(t, topic, d.Update(order(1, fmt.Sprint(v))))
	}
	for range clients {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
}
