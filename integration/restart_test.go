package integration

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// halves are a process that only processes and one that only serves, of one table.
func halves(t *testing.T) (c *harness.Cluster, load *steadyLoad, processor, view *harness.Process) {
	t.Helper()
	c = harness.NewCluster(t)
	topic := c.Topic(t, "shop.public.orders", 3)
	table := harness.Table("orders", topic, "debezium-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("v", "string"))
	table["rollups"] = []m{{"name": "orders_by_v", "group_by": []string{"v"}, "measures": m{"n": "count()"}}}
	cfg := harness.Config{Tables: []m{table}}
	processor, view = harness.New(t, c, role(cfg, "processor")), harness.New(t, c, role(cfg, "view"))
	processor.Start()
	view.Start()
	processor.WaitReady()
	view.WaitReady()
	return c, newLoad(c, topic, 1), processor, view
}

var ageOf = regexp.MustCompile(`^lagging; age_ms=(\d+)$`)

// TestStaleAnswersSayThatTheyAre starts a view while nobody reads the source: it answers
// with the newest batch and what it has since, says so, and is not ready before it has all.
func TestStaleAnswersSayThatTheyAre(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(view *harness.Process){
		"from its batch file": func(view *harness.Process) { view.Kill() },
		"from the topic":      func(view *harness.Process) { view.Kill(); view.WipeData() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, load, processor, view := halves(t)
			if err := load.some(300, 400); err != nil {
				t.Fatal(err)
			}
			taken := time.Now()
			view.Batch(t, "orders")
			if err := load.some(300, 50); err != nil {
				t.Fatal(err)
			}
			view.CaughtUp(t, "orders")
			before := load.want()
			stop(view)
			processor.Kill()
			if err := load.some(300, 50); err != nil { // read by nobody as yet
				t.Fatal(err)
			}
			view.Start()
			stale(t, view, before, taken)
			if a, err := view.Do("GET", "/v1/tables/orders/rows?limit=1", "", "Tidemark-Min-Position", load.cluster.Position(load.topic)); err != nil || a.Status != http.StatusPreconditionFailed {
				t.Errorf("asked for what is not there: %d %s, %v", a.Status, a.Body, err)
			}
			processor.Start()
			view.WaitReady()
			harness.Same(t, load.want(), view.Rows(t, "orders", ""), "id")
			harness.Poll(t, time.Minute, "fresh", func() bool {
				return strings.HasPrefix(view.Get(t, "/v1/tables/orders/rows?limit=1").Header.Get("Tidemark-Freshness"), "fresh;")
			})
		})
	}
}

// stale waits until the process answers with the rows, and looks at what it says of them.
func stale(t *testing.T, view *harness.Process, want []row, taken time.Time) {
	t.Helper()
	diff := "nothing was answered"
	harness.Poll(t, time.Minute, "answering with what there was", func() bool {
		a, err := view.Do("GET", "/v1/tables/orders/rows?limit=1", "")
		if err != nil || a.Status == http.StatusServiceUnavailable {
			return false
		}
		said := a.Header.Get("Tidemark-Freshness")
		age := ageOf.FindStringSubmatch(said)
		if disconnected := strings.HasPrefix(said, "disconnected;"); age == nil && !disconnected {
			t.Fatalf("a stale answer says %q", said)
		} else if disconnected {
			return false // the brokers have not answered yet
		}
		if ms, err := strconv.ParseInt(age[1], 10, 64); err != nil || time.Duration(ms)*time.Millisecond < time.Since(taken)-time.Second {
			t.Fatalf("an answer of a batch taken %s ago says %q", time.Since(taken), said)
		}
		if a.Header.Get("Tidemark-Batch") != "1" {
			t.Fatalf("batch %q, want 1", a.Header.Get("Tidemark-Batch"))
		}
		if r, err := view.Do("GET", "/readyz", ""); err != nil || r.Status != http.StatusServiceUnavailable {
			t.Fatalf("/readyz while it lags: %d %s, %v", r.Status, r.Body, err)
		}
		rows, err := view.Page("orders", "")
		if err != nil {
			t.Fatal(err)
		}
		diff = harness.Differences(want, rows, "id")
		return diff == ""
	})
	wholeRollup(t, view, want)
}

// wholeRollup compares the rollup with the rows, which nothing changes.
func wholeRollup(t *testing.T, view *harness.Process, rows []row) {
	t.Helper()
	counts := map[string]int{}
	for _, r := range rows {
		counts[r["v"].(string)]++
	}
	var want []row
	for v, n := range counts {
		want = append(want, row{"v": v, "n": n})
	}
	got, err := view.Page("orders_by_v", "")
	if err != nil {
		t.Fatal(err)
	}
	harness.Same(t, want, got, "v")
}

// TestDamagedBatchFileIsNotServed damages the newest batch file, and then all of them,
// of a view that was killed: it continues from the one before, or from the topic, and has
// the same batch again.
func TestDamagedBatchFileIsNotServed(t *testing.T) {
	t.Parallel()
	_, load, _, view := halves(t)
	for range 2 {
		if err := load.some(300, 200); err != nil {
			t.Fatal(err)
		}
		view.Batch(t, "orders")
	}
	file := func(id int) string {
		return string(view.Get(t, fmt.Sprintf("/v1/tables/orders/batches/%d.parquet", id)).Body)
	}
	first, second := file(1), file(2)
	if err := load.some(300, 50); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		damaged []int
		from    string
		aside   int
		batches []int
	}{
		{nil, "batch file", 0, []int{2, 1}},
		{[]int{2}, "batch file", 1, []int{2, 1}},
		{[]int{1, 2}, "snapshot topic", 2, []int{2}},
	} {
		view.Kill()
		for _, id := range c.damaged {
			flip(t, view, id)
		}
		said := len(view.Output())
		view.Start()
		view.WaitReady()
		what := fmt.Sprintf("with %v damaged to have the rows from the %s", c.damaged, c.from)
		harness.Poll(t, 20*time.Second, what, func() bool { return strings.Contains(view.Output()[said:], "from=\""+c.from+"\"") })
		harness.Same(t, load.want(), view.Rows(t, "orders", ""), "id")
		for _, id := range c.batches {
			if got := file(id); got != map[int]string{1: first, 2: second}[id] {
				t.Errorf("with %v damaged the file of batch %d is another: %d bytes", c.damaged, id, len(got))
			}
		}
		if n := counted(t, view, "tidemark_view_set_aside_total"); n != c.aside {
			t.Errorf("with %v damaged %d files were set aside, want %d", c.damaged, n, c.aside)
		}
	}
	view.Expect(t, http.StatusNotFound, "GET", "/v1/tables/orders/rows?as_of=1", "")
}

// flip changes a byte in the middle of a batch file.
func flip(t *testing.T, p *harness.Process, batch int) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(p.Dir, "data", "orders", "view", "batches", fmt.Sprintf("%d.parquet", batch)))
	if err != nil || len(found) != 1 {
		t.Fatalf("files of batch %d: %v, %v", batch, found, err)
	}
	b, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 0xff
	if err := os.WriteFile(found[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
}
