package integration

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// forget removes the records of a topic before the offsets of its present ends.
func forget(t *testing.T, c *harness.Cluster, topic string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ends, err := c.Admin().ListEndOffsets(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Admin().DeleteRecords(ctx, ends.Offsets()); err != nil {
		t.Fatal(err)
	}
}

// replayed runs the command and returns how the build ended.
func replayed(t *testing.T, p *harness.Process, flags ...string) (generation, rows, adopted, swept int) {
	t.Helper()
	out, talk, code := p.Execute(append([]string{"replay", "goods", "-o", "json"}, flags...)...)
	var last struct{ Generation, Rows, Adopted, Swept int }
	if code != 0 || harness.Decode([]byte(out), &last) != nil {
		t.Fatalf("replay %v: exit %d: %s%s", flags, code, out, talk)
	}
	return last.Generation, last.Rows, last.Adopted, last.Swept
}

// TestReplayAfterRetention replays a source that has lost the events of most rows.
func TestReplayAfterRetention(t *testing.T) {
	t.Parallel()
	const keys, kept = 200, 50
	g, p := started(t, keys)
	forget(t, g.c, g.topic)
	if err := g.touch(0, kept); err != nil {
		t.Fatal(err)
	}
	p.CaughtUp(t, "goods")
	w := watch(t, p, keys)
	if n, rows, adopted, swept := replayed(t, p); n != 1 || rows != keys || adopted != keys-kept || swept != 0 {
		t.Errorf("generation %d: %d rows, %d adopted, %d swept", n, rows, adopted, swept)
	}
	harness.Same(t, g.want(nil, "id", "v"), p.Rows(t, "goods", ""), "id")
	w.verdict(t, 3)
	p.Batch(t, "goods")
	if n, rows, adopted, swept := replayed(t, p, "--sweep"); n != 2 || rows != kept || adopted != 0 || swept != keys-kept {
		t.Errorf("generation %d: %d rows, %d adopted, %d swept", n, rows, adopted, swept)
	}
	harness.Same(t, g.want(func(r m) bool { return r["id"].(int) < kept }, "id", "v"), p.Rows(t, "goods", ""), "id")
}

// TestReplayCountsEachKeyOnce replays a source whose keys' bytes have changed: each key has a row in several
// partitions, which the source reads again in none, in one, or in all.
func TestReplayCountsEachKeyOnce(t *testing.T) {
	t.Parallel()
	const keys = 9
	c := harness.NewCluster(t)
	g := newGoods(c, c.Topic(t, "goods", 3))
	p := harness.Start(t, c, goodsTable(g.topic))
	spell := func(form string, from, to int) {
		var events []harness.Event
		for id := from; id < to; id++ {
			g.v[id]++
			e := g.events.Update(good(id, g.v[id]))
			key := fmt.Sprintf(form, id)
			e.Key = &key
			events = append(events, e)
		}
		c.Produce(t, g.topic, events...)
	}
	for _, form := range []string{`{"id":%d}`, `{"id": %d}`, `{"id":  %d}`} {
		spell(form, 0, keys)
	}
	p.CaughtUp(t, "goods")
	forget(t, c, g.topic)
	p.Batch(t, "goods")
	if _, rows, adopted, swept := replayed(t, p); rows != keys || adopted != keys || swept != 0 {
		t.Errorf("which has none: %d rows, %d adopted, %d swept", rows, adopted, swept)
	}
	spell(`{"id":%d}`, 0, 4)
	p.CaughtUp(t, "goods")
	if _, rows, adopted, swept := replayed(t, p); rows != keys || adopted != keys-4 || swept != 0 {
		t.Errorf("which has some: %d rows, %d adopted, %d swept", rows, adopted, swept)
	}
	harness.Same(t, g.want(nil, "id", "v"), p.Rows(t, "goods", ""), "id")
	if _, rows, adopted, swept := replayed(t, p, "--sweep"); rows != 4 || adopted != 0 || swept != keys-4 {
		t.Errorf("the others swept: %d rows, %d adopted, %d swept", rows, adopted, swept)
	}
}

// TestReplayFromATimeAndFromOffsets keeps what is older than the start.
func TestReplayFromATimeAndFromOffsets(t *testing.T) {
	t.Parallel()
	const keys = 90
	g, p := started(t, keys)
	for _, from := range []string{"2026-01-01T00:00:00Z", "0:3,1:2,2:1", "0:100000,1:100000,2:100000"} {
		_, rows, _, swept := replayed(t, p, "--from", from)
		if rows != keys || swept != 0 {
			t.Errorf("from %s: %d rows, %d swept", from, rows, swept)
		}
		harness.Same(t, g.want(nil, "id", "v"), p.Rows(t, "goods", ""), "id")
	}
	for _, tc := range []struct {
		flags []string
		code  int
		says  string
	}{
		{[]string{"--from", "yesterday"}, 2, "earliest"},
		{[]string{"--from", "7:1"}, 1, "has 3"},
	} {
		if _, talk, code := p.Execute(append([]string{"replay", "goods"}, tc.flags...)...); code != tc.code || !strings.Contains(talk, tc.says) {
			t.Errorf("%v: exit %d: %s", tc.flags, code, talk)
		}
	}
	if _, _, code := p.Execute("replay", "nothing"); code != 3 {
		t.Errorf("a table that does not exist: exit %d", code)
	}
}

// TestSourceThatWasLoadedAgain deletes the source topic and loads it again, with as
// many partitions, with more and with fewer.
func TestSourceThatWasLoadedAgain(t *testing.T) {
	t.Parallel()
	const keys, left = 120, 80
	for _, partitions := range []int32{3, 5, 2} {
		t.Run(fmt.Sprint(partitions), func(t *testing.T) {
			t.Parallel()
			g, p := started(t, keys)
			p.Batch(t, "goods")
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if _, err := g.c.Admin().DeleteTopic(ctx, g.topic); err != nil {
				t.Fatal(err)
			}
			if err := g.c.Create(g.topic, partitions, nil); err != nil {
				t.Fatal(err)
			}
			fresh := newGoods(harness.Connect(t, g.c.Addrs), g.topic) // the old client knows the old topic
			for range 5 {
				if err := fresh.touch(0, left); err != nil {
					t.Fatal(err)
				}
			}
			if partitions != 3 {
				_, talk, code := p.Execute("replay", "goods")
				if code != 1 || !strings.Contains(talk, "sweep") || !strings.Contains(talk, fmt.Sprintf("%d partitions and had 3", partitions)) {
					t.Errorf("without sweep: exit %d: %s", code, talk)
				}
			}
			if n, rows, adopted, swept := replayed(t, p, "--sweep"); n != 1 || rows != left || adopted != 0 || swept != keys-left {
				t.Errorf("generation %d: %d rows, %d adopted, %d swept", n, rows, adopted, swept)
			}
			p.WaitReady()
			read := func() []row {
				rows, err := p.Page("goods", "")
				if err != nil {
					t.Fatal(err)
				}
				return rows
			}
			harness.Same(t, fresh.want(nil, "id", "v"), read(), "id")
			if err := fresh.touch(0, left+5); err != nil {
				t.Fatal(err)
			}
			harness.Poll(t, 20*time.Second, "current", func() bool {
				return harness.Differences(fresh.want(nil, "id", "v"), read(), "id") == ""
			})
		})
	}
}
