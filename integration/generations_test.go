package integration

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// TestChangedDefinitionIsBuiltBesideTheTable changes a table in every way, with a
// batch taken before and events before, while and after it is built.
func TestChangedDefinitionIsBuiltBesideTheTable(t *testing.T) {
	t.Parallel()
	const keys = 300
	base := []string{"id", "v"}
	for name, tc := range map[string]struct {
		before, after []func(m)
		carried       bool
		taken         bool // readers lose something, and somebody has to agree
		repartitioned bool // rows whose records were not repartitioned when their topic's end was looked at count as adopted
		columns       []string
		ok            func(m) bool
	}{
		"a column from documents": {
			before: []func(m){with("document", "keep")}, after: []func(m){with("document", "keep"), columns(id, v, city)},
			carried: true, columns: []string{"id", "v", "city"},
		},
		"a column from the source": {after: []func(m){columns(id, v, city)}, columns: []string{"id", "v", "city"}},
		"a column dropped":         {before: []func(m){columns(id, v, city)}, carried: true, taken: true, columns: base},
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
			carried: true, taken: true, columns: []string{"id", "v", "kind"}, ok: func(r m) bool { return r["kind"] == "k1" },
		},
		"repartitioned by decoded keys": {
			after: []func(m){partitioner("any")}, columns: base, repartitioned: true, taken: true,
		},
		"another key": {
			before:  []func(m){columns(id, v, harness.Col("sku", "string"))},
			after:   []func(m){columns(id, v, harness.Col("sku", "string")), with("key", []string{"id", "sku"})},
			columns: []string{"id", "v", "sku"}, taken: true,
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
			if tc.taken {
				agree(t, p, "goods")
			}
			last := reached(t, p, 1).Last
			if last == nil || last.Generation != 1 || last.Failure != "" || last.Adopted != 0 && !tc.repartitioned || last.Swept != 0 {
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

// TestDeadLettersAreTriedByANewDefinition changes tables that have records which nobody could use. Rows alone
// would do for the new definitions, but do not hold what those records say.
func TestDeadLettersAreTriedByANewDefinition(t *testing.T) {
	t.Parallel()
	n := func(typ string) m { return harness.Col("n", typ, "path", "v") }
	for name, tc := range map[string]struct {
		after       []m
		deadLetters int
		served      string
	}{
		"wide enough":     {[]m{id, n("decimal(12,0)")}, 0, `[{"id":1,"n":1234567}]`},
		"not wide enough": {[]m{id, n("decimal(6,0)")}, 1, `[{"id":1,"n":5}]`},
		"another column":  {[]m{id}, 0, `[{"id":1}]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := harness.NewCluster(t)
			g := newGoods(c, c.Topic(t, "goods", 3))
			p := harness.Start(t, c, goodsTable(g.topic, columns(id, n("decimal(3,0)"))))
			c.Produce(t, g.topic, g.events.Update(good(1, 5)), g.events.Update(good(1, 1234567)))
			deadLetters := func() int {
				h, err := healthOf(p, "/readyz", "goods")
				if err != nil {
					return -1
				}
				return h.DeadLetters
			}
			harness.Poll(t, 20*time.Second, "a report of the dead letter", func() bool { return deadLetters() == 1 })
			p.Stop()
			p.Reconfigure(goodsTable(g.topic, columns(tc.after...)))
			out, _ := p.Command("check", "-o", "csv")
			if !strings.Contains(string(out), "1 dead letter to be tried by it; the source is read again") {
				t.Errorf("check says: %s", out)
			}
			p.Start()
			if name == "another column" {
				agree(t, p, "goods")
			}
			reached(t, p, 1)
			var want []row
			if err := harness.Decode([]byte(tc.served), &want); err != nil {
				t.Fatal(err)
			}
			harness.Same(t, want, p.Rows(t, "goods", ""), "id")
			harness.Poll(t, 20*time.Second, "a report of the dead letters that are left", func() bool { return deadLetters() == tc.deadLetters })
		})
	}
}

// TestTableIsReadWhileItIsBuilt reads all rows again and again while events continue and
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
	for name, goBack := range map[string]func(*testing.T, *harness.Process){
		"apply": func(t *testing.T, p *harness.Process) {
			out, talk, code := p.Execute("apply", "goods", "--yes", "-o", "csv")
			if code != 0 || !strings.Contains(out, "goods,built,2") {
				t.Errorf("apply ends with %d: %s%s", code, talk, out)
			}
			reached(t, p, 2)
		},
		"replay": func(t *testing.T, p *harness.Process) {
			if n, rows, _, _ := replayed(t, p, "--declared"); n != 2 || rows != keys {
				t.Errorf("generation %d has %d rows", n, rows)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, p := started(t, keys)
			redefine(p, g.topic, columns(id, v, city))
			reached(t, p, 1)
			redefine(p, g.topic)
			reached(t, p, 1)
			if out, _ := p.Command("check"); !strings.Contains(string(out), "tidemark apply goods") {
				t.Errorf("check says %s", out)
			}
			goBack(t, p)
			harness.Same(t, g.want(nil, "id", "v"), p.Rows(t, "goods", ""), "id")
		})
	}
}

// TestABuildThatCannotGoOnIsGivenUp agrees to a partitioner that the records were not placed by: nothing can
// be built with it. The table goes on as it was.
func TestABuildThatCannotGoOnIsGivenUp(t *testing.T) {
	t.Parallel()
	const keys = 100
	g, p := started(t, keys)
	redefine(p, g.topic, partitioner("crc32"))
	agree(t, p, "goods")
	harness.Poll(t, time.Minute, "without a build", func() bool {
		s, err := generationOf(p)
		return err == nil && s.Build == nil && s.Last != nil && strings.Contains(s.Last.Failure, "partitioner")
	})
	if out, talk, code := p.Execute("apply", "goods", "--yes"); code != 1 || !strings.Contains(talk, "was given up") {
		t.Errorf("apply ends with %d: %s%s", code, talk, out)
	}
	if text := string(p.Get(t, "/readyz").Body); !strings.Contains(text, "the last build ended with") {
		t.Errorf("it does not say how the build ended: %s", text)
	}
	if err := g.touch(0, keys/2); err != nil {
		t.Fatal(err)
	}
	if s, err := generationOf(p); err != nil || s.Number != 0 {
		t.Errorf("the generations are %+v, %v", s, err)
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
