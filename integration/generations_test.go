package integration

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
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

// lineageOf is what a process tells of a table's generations.
type lineageOf struct {
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

func generationOf(p *harness.Process) (lineageOf, error) {
	a, err := p.Do("GET", "/v1/tables/goods", "")
	if err != nil {
		return lineageOf{}, err
	}
	var s struct{ Generation lineageOf }
	if a.Status != http.StatusOK {
		return lineageOf{}, fmt.Errorf("%d: %s", a.Status, a.Body)
	}
	return s.Generation, harness.Decode(a.Body, &s)
}

// reached waits until a process serves a generation, and returns how its build ended.
func reached(t *testing.T, p *harness.Process, generation int) lineageOf {
	t.Helper()
	var s struct{ Generation lineageOf }
	harness.Poll(t, time.Minute, fmt.Sprintf("at generation %d", generation), func() bool {
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

// TestChangedDefinitionIsBuiltBesideTheTable changes a table in every way, with a
// batch taken before and events before, while and after it is built.
func TestChangedDefinitionIsBuiltBesideTheTable(t *testing.T) {
	t.Parallel()
	const keys = 300
	base := []string{"id", "v"}
	for name, tc := range map[string]struct {
		before, after []func(m)
		carried       bool
		placed        bool // rows whose records were not placed when their topic's end was looked at count as adopted
		columns       []string
		ok            func(m) bool
	}{
		"a column from documents": {
			before: []func(m){with("document", "keep")}, after: []func(m){with("document", "keep"), columns(id, v, city)},
			carried: true, columns: []string{"id", "v", "city"},
		},
		"a column from the source": {after: []func(m){columns(id, v, city)}, columns: []string{"id", "v", "city"}},
		"a column dropped":         {before: []func(m){columns(id, v, city)}, carried: true, columns: base},
		"a column renamed": {
			after:   []func(m){columns(id, v, harness.Col("total", "int64", "path", "v"))},
			carried: true, columns: base,
		},
		"a column widened": {
			before:  []func(m){columns(id, v, harness.Col("n", "decimal(6,0)", "path", "v"))},
			after:   []func(m){columns(id, v, harness.Col("n", "decimal(12,0)", "path", "v"))},
			carried: true, columns: base,
		},
		"another where": {
			before: []func(m){columns(id, v, kind)}, after: []func(m){columns(id, v, kind), with("where", "kind = 'k1'")},
			carried: true, columns: []string{"id", "v", "kind"}, ok: func(r m) bool { return r["kind"] == "k1" },
		},
		"placed by decoded keys": {
			after: []func(m){partitioner("any")}, columns: base, placed: true,
		},
		"another key": {
			before:  []func(m){columns(id, v, harness.Col("sku", "string"))},
			after:   []func(m){columns(id, v, harness.Col("sku", "string")), with("key", []string{"id", "sku"})},
			columns: []string{"id", "v", "sku"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, p := started(t, keys, tc.before...)
			p.Batch(t, "goods")
			if err := g.touch(0, keys/2); err != nil {
				t.Fatal(err)
			}
			p.CaughtUp(t, "goods")
			redefine(p, g.topic, tc.after...)
			last := reached(t, p, 1).Last
			if last == nil || last.Generation != 1 || last.Failure != "" || last.Adopted != 0 && !tc.placed || last.Swept != 0 {
				t.Errorf("the build ended with %+v", last)
			}
			if n := counted(t, p, "tidemark_processor_changes_total"); (n == 0) != tc.carried {
				t.Errorf("%d changes of the source were folded; carried: %v", n, tc.carried)
			}
			query := "select=" + strings.Join(tc.columns, ",")
			harness.Same(t, g.want(tc.ok, tc.columns...), p.Rows(t, "goods", query), "id")
			if err := g.touch(keys/4, keys+10); err != nil {
				t.Fatal(err)
			}
			harness.Same(t, g.want(tc.ok, tc.columns...), p.Rows(t, "goods", query), "id")
			p.Batch(t, "goods")
			p.Kill()
			p.Start()
			p.WaitReady()
			harness.Same(t, g.want(tc.ok, tc.columns...), p.Rows(t, "goods", query), "id")
		})
	}
}

// TestTableIsReadWhileItIsBuilt reads all rows again and again while events go on and
// the table is built anew, twice.
func TestTableIsReadWhileItIsBuilt(t *testing.T) {
	t.Parallel()
	const keys = 2000
	g, p := started(t, keys)
	ctx, stop := context.WithCancel(t.Context())
	loaded := make(chan error, 1)
	go func() {
		for at := 0; ctx.Err() == nil; at = (at + 50) % keys {
			if err := g.touch(at, at+50); err != nil {
				loaded <- err
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
		loaded <- nil
	}()
	redefine(p, g.topic, columns(id, v, city))
	p.WaitReady()
	w := watch(t, p, keys)
	reached(t, p, 1)
	out, talk, code := p.Execute("replay", "goods", "-o", "json")
	if code != 0 || !strings.Contains(out, `"generation":2`) || !strings.Contains(out, fmt.Sprintf(`"rows":%d`, keys)) {
		t.Errorf("replay: exit %d: %s%s", code, out, talk)
	}
	reached(t, p, 2)
	stop()
	if err := <-loaded; err != nil {
		t.Fatal(err)
	}
	harness.Same(t, g.want(nil, "id", "v", "city"), p.Rows(t, "goods", ""), "id")
	w.verdict(t, 20)
}

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

// TestKillsWhileATableIsBuilt kills the process at every stage of a build and of the
// switch, and starts it again.
func TestKillsWhileATableIsBuilt(t *testing.T) {
	t.Parallel()
	const keys = 1500
	g, p := started(t, keys)
	redefine(p, g.topic, columns(id, v, city))
	for i := range 12 {
		<-time.After(time.Duration(120+i*90) * time.Millisecond) // a kill has no condition to wait for
		p.Kill()
		if err := g.touch(i*50, i*50+100); err != nil {
			t.Fatal(err)
		}
		p.Start()
	}
	s := reached(t, p, 1)
	if s.Build != nil || s.Last == nil || s.Last.Generation != 1 {
		t.Errorf("the generations are %+v", s)
	}
	harness.Same(t, g.want(nil, "id", "v", "city"), p.Rows(t, "goods", ""), "id")
	p.Batch(t, "goods")
	harness.Same(t, g.want(nil, "id", "v", "city"), p.Rows(t, "goods", ""), "id")
}

// TestRollingDeployment gives two processes a new definition, one after the other, and
// starts the one with the older one again in between.
func TestRollingDeployment(t *testing.T) {
	t.Parallel()
	const keys = 300
	g, a := started(t, keys)
	b := harness.Start(t, g.c, goodsTable(g.topic))
	wa := watch(t, a, keys)
	redefine(b, g.topic, columns(id, v, city))
	reached(t, b, 1)
	reached(t, a, 1) // it serves what was asked for last, though its own file is older
	wa.verdict(t, 3)
	want := g.want(nil, "id", "v", "city")
	harness.Same(t, want, a.Rows(t, "goods", ""), "id")
	harness.Same(t, want, b.Rows(t, "goods", ""), "id")
	a.Kill()
	a.Start()
	if s := reached(t, a, 1); s.Build != nil {
		t.Errorf("the older definition is asked for again: %+v", s)
	}
	if text := string(a.Get(t, "/readyz").Body); !strings.Contains(text, "another definition of the table") {
		t.Errorf("it does not say that its definition is not the one that is served: %s", text)
	}
	harness.Same(t, want, a.Rows(t, "goods", ""), "id")
	redefine(a, g.topic, columns(id, v, city))
	if text := reached(t, a, 1); text.Build != nil {
		t.Errorf("the same definition is built again: %+v", text)
	}
	if text := string(a.Get(t, "/readyz").Body); strings.Contains(text, "note") {
		t.Errorf("with the newer configuration: %s", text)
	}
	harness.Same(t, want, a.Rows(t, "goods", ""), "id")
	awaitRemoved(t, g.c, []*harness.Process{a, b})
}

// awaitRemoved waits until nothing is left of generation 0.
func awaitRemoved(t *testing.T, c *harness.Cluster, all []*harness.Process) {
	t.Helper()
	harness.Poll(t, time.Minute, "without generation 0", func() bool {
		listed, err := c.Admin().ListTopics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, name := range listed.Names() {
			if strings.HasPrefix(name, c.Prefix+"goods-") && !strings.HasPrefix(name, c.Prefix+"goods-1-") {
				left++
			}
		}
		return left == 1 // which generations there are
	})
	for _, p := range all {
		if _, err := os.Stat(filepath.Join(p.Dir, "data", "goods")); !os.IsNotExist(err) {
			t.Errorf("files of generation 0 are left: %v", err)
		}
	}
}

// TestGoingBackToAnEarlierDefinition needs to be asked for.
func TestGoingBackToAnEarlierDefinition(t *testing.T) {
	t.Parallel()
	const keys = 100
	g, p := started(t, keys)
	redefine(p, g.topic, columns(id, v, city))
	reached(t, p, 1)
	redefine(p, g.topic)
	reached(t, p, 1)
	if out, _ := p.Command("check"); !strings.Contains(string(out), "replay goods --declared") {
		t.Errorf("check says %s", out)
	}
	if n, rows, _, _ := replayed(t, p, "--declared"); n != 2 || rows != keys {
		t.Errorf("generation %d has %d rows", n, rows)
	}
	harness.Same(t, g.want(nil, "id", "v"), p.Rows(t, "goods", ""), "id")
}

// TestViewsSortAgainByThemselves changes what needs no generation, over a batch on disk.
func TestViewsSortAgainByThemselves(t *testing.T) {
	t.Parallel()
	const keys = 150
	g, p := started(t, keys, columns(id, v, city))
	p.Batch(t, "goods")
	if err := g.touch(0, 20); err != nil {
		t.Fatal(err)
	}
	p.CaughtUp(t, "goods")
	p.Stop()
	cfg := goodsTable(g.topic, columns(id, v, harness.Col("city", "string", "index", true)), with("sort_key", []string{"city", "v"}))
	p.Reconfigure(cfg)
	out, code := p.Command("check")
	if code != 0 || !strings.Contains(string(out), "no topic is read again") {
		t.Errorf("check: exit %d: %s", code, out)
	}
	p.Start()
	p.WaitReady()
	if s, err := generationOf(p); err != nil || s.Number != 0 || s.Build != nil {
		t.Errorf("the generations are %+v, %v", s, err)
	}
	var table struct {
		SortKey []string `json:"sort_key"`
	}
	if err := harness.Decode(p.Get(t, "/v1/tables/goods").Body, &table); err != nil || fmt.Sprint(table.SortKey) != "[city v]" {
		t.Errorf("the sort key is %v, %v", table.SortKey, err)
	}
	harness.Same(t, g.want(nil, "id", "v", "city"), p.Rows(t, "goods", ""), "id")
	harness.Same(t, g.want(func(r m) bool { return r["city"] == "c3" }, "id", "v", "city"), p.Rows(t, "goods", "city=eq.c3"), "id")
	var found struct {
		Statistics struct {
			RowsRead int `json:"rows_read"`
		}
	}
	if err := harness.Decode(p.Get(t, "/v1/tables/goods/rows?city=eq.c3&limit=1000").Body, &found); err != nil || found.Statistics.RowsRead >= keys {
		t.Errorf("%d rows of %d were read to find those of one city: the sort key is not used (%v)", found.Statistics.RowsRead, keys, err)
	}
	p.Batch(t, "goods")
	harness.Same(t, g.want(nil, "id", "v", "city"), p.Rows(t, "goods", ""), "id")
}
