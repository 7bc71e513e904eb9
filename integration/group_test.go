package integration

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// TestGroupLosesNothing runs one table in several processes of one group while
// members are killed, stopped, paused for longer than their session, and join.
func TestGroupLosesNothing(t *testing.T) {
	c := harness.NewCluster(t)
	topic := c.Topic(t, "shop.public.orders", 8)
	cfg := harness.Config{Tables: []m{harness.Table("orders", topic, "debezium-json", []string{"id"},
		harness.Col("id", "int64"), harness.Col("v", "string"))}}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	load := newLoad(c, topic, seed)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- load.run(ctx, 500, 1000) }()

	a, b := harness.Start(t, c, cfg), harness.Start(t, c, cfg)
	moves := []struct {
		name string
		do   func()
	}{
		{"kill -9 and start again", func() { a.Kill(); progress(t, b); a.Start(); a.WaitReady() }},
		{"SIGTERM and start again", func() { b.Stop(); progress(t, a); b.Start(); b.WaitReady() }},
		{"pause for longer than the session", func() { a.Pause(); <-time.After(9 * time.Second); a.Continue() }},
		{"a third joins", func() { harness.Start(t, c, cfg) }},
		{"kill -9 for good", func() { b.Kill() }},
	}
	for _, move := range moves {
		t.Log(move.name)
		move.do()
		progress(t, a)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	harness.Same(t, load.want(), a.Rows(t, "orders", ""), "id")
	a.Batch(t, "orders")
	harness.Same(t, load.want(), a.Rows(t, "orders", ""), "id")
	stale, err := harness.StaleRecords(c.ReadTopic(t, c.Prefix+"orders-table"))
	if err != nil {
		t.Fatal(err)
	}
	if len(stale) > 0 {
		t.Errorf("%d stale records, the first: %s", len(stale), stale[0])
	}
}

// progress waits until the process reflects everything that was produced up to now:
// every partition is owned by somebody alive.
func progress(t *testing.T, p *harness.Process) {
	t.Helper()
	p.CaughtUp(t, "orders")
}
