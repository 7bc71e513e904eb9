package integration

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/tables"
)

// goods is a source table whose rows only grow: each key's v counts its updates.
type goods struct {
	c      *harness.Cluster
	topic  string
	events *harness.Debezium
	mu     sync.Mutex
	v      map[int]int
}

func newGoods(c *harness.Cluster, topic string) *goods {
	return &goods{c: c, topic: topic, events: &harness.Debezium{Key: []string{"id"}}, v: map[int]int{}}
}

func good(id, v int) m {
	return m{"id": id, "v": v, "city": fmt.Sprintf("c%d", id%7), "kind": fmt.Sprintf("k%d", v%2), "sku": fmt.Sprintf("s%d", id)}
}

// touch writes a new state of the keys from..to-1.
func (g *goods) touch(from, to int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var batch []harness.Event
	for id := from; id < to; id++ {
		g.v[id]++
		batch = append(batch, g.events.Update(good(id, g.v[id])))
	}
	return g.c.Send(g.topic, batch...)
}

// want returns the rows with some of their columns, and of those only what ok accepts.
func (g *goods) want(ok func(m) bool, columns ...string) []row {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []row
	for id, v := range g.v {
		whole, r := good(id, v), row{}
		if ok != nil && !ok(whole) {
			continue
		}
		for _, c := range columns {
			r[c] = whole[c]
		}
		out = append(out, r)
	}
	return out
}

func goodsTable(topic string, change ...func(m)) harness.Config {
	t := harness.Table("goods", topic, "debezium-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("v", "int64"))
	for _, f := range change {
		f(t)
	}
	return harness.Config{Tables: []m{t}}
}

func with(key string, value any) func(m) { return func(t m) { t[key] = value } }

func columns(all ...m) func(m) { return with("columns", all) }

func partitioner(name string) func(m) {
	return func(t m) {
		source := m{"partitioner": name}
		for k, v := range t["source"].(m) {
			source[k] = v
		}
		t["source"] = source
	}
}

var (
	id   = harness.Col("id", "int64")
	v    = harness.Col("v", "int64")
	city = harness.Col("city", "string")
	kind = harness.Col("kind", "string")
)

// generationStatus is what a process reports of a table's generations.
type generationStatus struct {
	Number int
	Build  *struct {
		Generation int
		Phase      string
	}
	Last *struct {
		Generation, Rows, Adopted, Swept int
		Failure                          string
	}
}

func generationOf(p *harness.Process) (generationStatus, error) {
	a, err := p.Do("GET", "/v1/tables/goods", "")
	if err != nil {
		return generationStatus{}, err
	}
	var s struct{ Generation generationStatus }
	if a.Status != http.StatusOK {
		return generationStatus{}, fmt.Errorf("%d: %s", a.Status, a.Body)
	}
	return s.Generation, harness.Decode(a.Body, &s)
}

// reached waits until a process serves a generation, and returns how its build ended.
func reached(t *testing.T, p *harness.Process, generation int) generationStatus {
	t.Helper()
	var s struct{ Generation generationStatus }
	harness.Poll(t, time.Minute, fmt.Sprintf("at generation %d", generation), func() bool {
		s.Generation = generationStatus{} // what an answer lacks would stay from the one before
		a, err := p.Do("GET", "/v1/tables/goods", "")
		return err == nil && a.Status == http.StatusOK && harness.Decode(a.Body, &s) == nil && s.Generation.Number == generation
	})
	p.WaitReady()
	return s.Generation
}

// watcher reads all rows of the table again and again, and notes what no reader may see.
type watcher struct {
	polls, other int
	failures     []string
	stop         func() // may be called again
}

// watch begins to read the table. Each key from 0 to keys-1 must be there, with a v
// that never goes back; neither does the position.
func watch(t *testing.T, p *harness.Process, keys int) *watcher {
	t.Helper()
	w := &watcher{}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	w.stop = func() { cancel(); <-done }
	t.Cleanup(w.stop)
	client := &http.Client{Timeout: 10 * time.Second}
	reader := &harness.Client{URL: p.URL, HTTP: client}
	go func() {
		defer close(done)
		seen := map[string]int64{}
		var position tables.Position
		for ctx.Err() == nil {
			a, err := reader.Do("GET", "/v1/tables/goods/rows.ndjson?select=id,v&order=id", "")
			if err != nil || a.Status == http.StatusServiceUnavailable {
				w.other++ // the process is not there, or has only begun
				continue
			}
			w.look(a, keys, seen, &position)
		}
	}()
	return w
}

func (w *watcher) look(a harness.Answer, keys int, seen map[string]int64, position *tables.Position) {
	w.polls++
	fail := func(format string, args ...any) {
		if len(w.failures) < 5 {
			w.failures = append(w.failures, fmt.Sprintf("poll %d: ", w.polls)+fmt.Sprintf(format, args...))
		}
	}
	if a.Status != http.StatusOK {
		fail("%d: %s", a.Status, a.Body)
		return
	}
	at, err := tables.ParsePosition(a.Header.Get("Tidemark-Position"))
	if err != nil || !at.Reaches(*position) {
		fail("the position %s comes after %s (%v)", at, *position, err)
	}
	*position = at
	lines := strings.Split(strings.TrimSpace(string(a.Body)), "\n")
	if len(lines) != keys {
		fail("%d rows, want %d", len(lines), keys)
	}
	for _, line := range lines {
		var r struct {
			ID string `json:"-"`
			V  int64
		}
		var whole row
		if harness.Decode([]byte(line), &whole) != nil || harness.Decode([]byte(line), &r) != nil {
			fail("%s is no row", line)
			return
		}
		key := fmt.Sprint(whole["id"])
		if r.V < seen[key] {
			fail("the row %s goes back from %d to %d", key, seen[key], r.V)
		}
		seen[key] = r.V
	}
}

// verdict ends the watch and fails the test on anything that no reader may see.
func (w *watcher) verdict(t *testing.T, least int) {
	t.Helper()
	w.stop()
	for _, f := range w.failures {
		t.Error(f)
	}
	if w.polls < least {
		t.Errorf("the table was read %d times only (and %d times not)", w.polls, w.other)
	}
	t.Logf("read %d times, %d times not", w.polls, w.other)
}

// counted sums a counter of the processors over its labels.
func counted(t *testing.T, p *harness.Process, name string) int {
	t.Helper()
	sum := 0.0
	for _, line := range strings.Split(string(p.Get(t, "/metrics").Body), "\n") {
		if strings.HasPrefix(line, name+"{") {
			n, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += n
		}
	}
	return int(sum)
}

// started is a process with rows in it.
func started(t *testing.T, keys int, change ...func(m)) (*goods, *harness.Process) {
	t.Helper()
	c := harness.NewCluster(t)
	g := newGoods(c, c.Topic(t, "shop.public.goods", 3))
	p := harness.Start(t, c, goodsTable(g.topic, change...))
	for range 3 {
		if err := g.touch(0, keys); err != nil {
			t.Fatal(err)
		}
	}
	p.CaughtUp(t, "goods")
	return g, p
}

// redefine starts the process again with another definition.
func redefine(p *harness.Process, topic string, change ...func(m)) {
	p.Stop()
	p.Reconfigure(goodsTable(topic, change...))
	p.Start()
}

// agree looks that a process serves the table as it was, says so and asks for nothing, and
// makes the change that its configuration has.
func agree(t *testing.T, p *harness.Process, table string) {
	t.Helper()
	harness.Poll(t, 20*time.Second, "told that the definition waits", func() bool {
		h, err := healthOf(p, "/readyz", table)
		return err == nil && slices.Contains(h.Reasons, "definition-waits") && h.Generation.Build == nil
	})
	if out, talk, code := p.Execute("check", "-o", "csv"); code != 4 || !strings.Contains(out, "tidemark apply "+table+" makes the change") {
		t.Errorf("check ends with %d: %s%s", code, talk, out)
	}
	if out, talk, code := p.Execute("apply", table); code != 4 || !strings.Contains(talk, "readers lose by it") {
		t.Errorf("apply, before anybody has agreed, ends with %d: %s%s", code, talk, out)
	}
	if out, talk, code := p.Execute("apply", table, "--yes", "--wait=false", "-o", "csv"); code != 0 || !strings.Contains(out, table+",building,") {
		t.Fatalf("apply ends with %d: %s%s", code, talk, out)
	}
}
