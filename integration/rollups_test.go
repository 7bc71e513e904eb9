package integration

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tidemark/tidemark/integration/harness"
)

// TestARollupEqualsTheQueryOnItsTable changes a table at random, through batches, a
// truncate, a kill and the loss of all local data, and compares its rollup with the same
// query on the rows; who follows the rollup has its rows.
func TestARollupEqualsTheQueryOnItsTable(t *testing.T) {
	t.Parallel()
	c := harness.NewCluster(t)
	topic := c.Topic(t, "shop.public.sales", 3)
	table := harness.Table("sales", topic, "debezium-json", []string{"id"},
		harness.Col("id", "int64"), harness.Col("city", "string"), harness.Col("total", "decimal(12,2)", "encoding", "decimal_string"),
		harness.Col("buyer", "int64"))
	table["rollups"] = []m{{"name": "by_city", "group_by": []string{"city"}, "measures": m{
		"n": "count()", "total": "sum(total)", "mean": "avg(total)", "least": "min(total)", "most": "max(total)", "buyers": "count_distinct(buyer)",
	}}}
	p := harness.Start(t, c, harness.Config{Tables: []m{table}})
	d := &harness.Debezium{Key: []string{"id"}}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 4))
	have := map[int]m{}
	var f harness.Follower
	for round := range 12 {
		switch round {
		case 4, 8:
			p.Batch(t, "sales")
		case 6:
			p.Kill()
			p.Start()
			p.WaitReady()
		case 10:
			p.Kill()
			p.WipeData()
			p.Start()
			p.WaitReady()
		}
		for range 30 {
			id := r.IntN(40)
			if was, has := have[id]; has && r.IntN(3) == 0 {
				c.Produce(t, topic, d.Delete(was)...)
				delete(have, id)
				continue
			}
			row := m{"id": id, "city": []any{"Rome", "Oslo", "Bern", nil}[r.IntN(4)], "total": fmt.Sprintf("%d.%02d", r.IntN(500)-250, r.IntN(100)), "buyer": r.IntN(9)}
			c.Produce(t, topic, d.Update(row))
			have[id] = row
		}
		p.CaughtUp(t, "sales")
		const same = "select=city,n:count(),total:total.sum(),mean:total.avg(),least:total.min(),most:total.max(),buyers:buyer.count_distinct()"
		want := p.Rows(t, "sales", same)
		got, err := p.Page("by_city", "select=city,n,total,mean,least,most,buyers")
		if err != nil {
			t.Fatal(err)
		}
		if diff := harness.Differences(want, got, "city"); diff != "" || len(want) < 2 {
			t.Fatalf("round %d: %s", round, diff)
		}
		followRollup(t, p, &f, got)
	}
	p.Get(t, "/v1/tables/by_city/rows/Rome")
	p.Expect(t, 409, "POST", "/v1/tables/by_city/batches", "")
}

func followRollup(t *testing.T, p *harness.Process, f *harness.Follower, want []row) {
	t.Helper()
	diff := "nothing was compared"
	for range 100 {
		follow(t, p, f, "by_city", "select=city,n,total,mean,least,most,buyers", 1)
		var got []row
		for _, r := range f.Rows {
			got = append(got, r)
		}
		if diff = harness.Differences(want, got, "city"); diff == "" {
			return
		}
	}
	t.Fatalf("who follows the rollup has other rows: %s", diff)
}
