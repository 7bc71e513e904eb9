package integration

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// shop is a real PostgreSQL, Debezium and Kafka with the shop's schema.
type shop struct {
	db      *stack.Postgres
	worker  *stack.Connect
	cluster *harness.Cluster
	prefix  string
}

func openShop(t *testing.T, rows int) *shop {
	t.Helper()
	stack.NeedReal(t)
	kafka := stack.KafkaFor(t, stack.Options{})
	s := &shop{db: stack.PostgresFor(t, stack.Options{}), worker: stack.ConnectFor(t, kafka.Addr, stack.Options{})}
	s.cluster, s.prefix = harness.Connect(t, []string{kafka.Addr}), "shop"
	if err := s.db.Exec(t.Context(), shopSchema); err != nil {
		t.Fatal(err)
	}
	if err := fillShop(t.Context(), s.db.DSN, rows); err != nil {
		t.Fatal(err)
	}
	config := s.db.Debezium(s.prefix, "public.customers", "public.orders", "public.stock")
	for _, side := range []string{"key", "value"} {
		config[side+".converter"] = "org.apache.kafka.connect.json.JsonConverter"
		config[side+".converter.schemas.enable"] = "false"
	}
	// The converter would turn NULL into a column's default otherwise.
	config["value.converter.replace.null.with.default"] = "false"
	if err := s.worker.Create(t.Context(), s.prefix, config); err != nil {
		t.Fatal(err)
	}
	if err := s.worker.WaitConnector(t.Context(), s.prefix, s.db, stack.Slot(s.prefix)); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *shop) config() harness.Config {
	var c harness.Config
	for _, table := range shopTables() {
		c.Tables = append(c.Tables, harness.Table(table.name, s.prefix+".public."+table.name, "debezium-json", table.key, table.columns...))
	}
	return c
}

// change lets four connections make n changes between them.
func (s *shop) change(ctx context.Context, seed uint64, n int) error {
	g, ctx := errgroup.WithContext(ctx)
	for i := range shopConnections {
		g.Go(func() error { return changeShop(ctx, s.db.DSN, seed, i, n/shopConnections) })
	}
	return g.Wait()
}

// rows is what SELECT gives.
func (s *shop) rows(t *testing.T, table shopTable) []row {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), table.sql)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	out := make([]row, len(texts))
	for i, text := range texts {
		if err := harness.Decode([]byte(text), &out[i]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// settle waits until every table has reflected the database's log up to now.
func (s *shop) settle(t *testing.T, p *harness.Process) {
	t.Helper()
	for _, table := range shopTables() {
		want := s.rows(t, table)
		diff := "nothing was compared"
		deadline := time.Now().Add(90 * time.Second)
		for diff != "" && time.Now().Before(deadline) {
			// An answer may lag behind the connector, so a difference counts only when it stays.
			got, err := p.Page(table.name, "")
			if err != nil {
				diff = err.Error()
				continue
			}
			diff = harness.Differences(canonical(t, want), canonical(t, got), table.key...)
		}
		if diff != "" {
			t.Fatalf("%s: %s", table.name, diff)
		}
	}
}

// canonical makes floats and embedded documents comparable whatever their spelling.
func canonical(t *testing.T, rows []row) []row {
	t.Helper()
	out := make([]row, len(rows))
	for i, r := range rows {
		c := row{}
		for k, v := range r {
			if n, ok := v.(interface{ Float64() (float64, error) }); ok && k == "score" {
				v, _ = n.Float64()
			}
			c[k] = v
		}
		out[i] = c
	}
	return out
}

func TestRowsEqualTheDatabase(t *testing.T) {
	s := openShop(t, 5_000)
	p := harness.Start(t, s.cluster, s.config())
	s.settle(t, p)

	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	loaded := make(chan error, 1)
	go func() { loaded <- s.change(t.Context(), seed, 50_000) }()
	batches := s.whileLoading(t, loaded, func(table string) {
		if _, err := p.Do("POST", "/v1/tables/"+table+"/batches?wait=30s", ""); err != nil {
			t.Error(err)
		}
	})
	t.Logf("%d batches were taken while the database changed", batches)
	s.settle(t, p)
	s.batchesEqual(t, p)

	p.Stop()
	p.Start()
	p.WaitReady()
	s.settle(t, p)
}

// whileLoading calls f for one table after the other until the load has ended.
func (s *shop) whileLoading(t *testing.T, loaded <-chan error, f func(table string)) int {
	t.Helper()
	tables := shopTables()
	for n := 0; ; n++ {
		select {
		case err := <-loaded:
			if err != nil {
				t.Fatal(err)
			}
			return n
		case <-time.After(200 * time.Millisecond):
			f(tables[n%len(tables)].name)
		}
	}
}

// batchesEqual takes a last batch of each table and compares its file with SELECT.
func (s *shop) batchesEqual(t *testing.T, p *harness.Process) {
	t.Helper()
	for _, table := range shopTables() {
		var b struct{ Batch uint64 }
		if err := harness.Decode(p.Expect(t, 201, "POST", "/v1/tables/"+table.name+"/batches?wait=30s", "").Body, &b); err != nil {
			t.Fatal(err)
		}
		file := p.Get(t, fmt.Sprintf("/v1/tables/%s/batches/%d.parquet", table.name, b.Batch))
		path := filepath.Join(t.TempDir(), "batch.parquet")
		if err := os.WriteFile(path, file.Body, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := harness.ReadParquet(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := harness.Differences(canonical(t, s.rows(t, table)), canonical(t, got), table.key...); d != "" {
			t.Errorf("batch %d of %s: %s", b.Batch, table.name, d)
		}
	}
}

func TestKillAtAnyTimeUnderLoadLosesNothing(t *testing.T) {
	s := openShop(t, 1_000)
	p := harness.Start(t, s.cluster, s.config())
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 99))
	loaded := make(chan error, 1)
	go func() { loaded <- s.change(t.Context(), seed, 60_000) }()
	kills := s.whileLoading(t, loaded, func(table string) {
		// The kill may come while it starts, recovers, ingests or takes a batch.
		if r.IntN(2) == 0 {
			p.WaitReady()
		}
		_, _ = p.Do("POST", "/v1/tables/"+table+"/batches", "")
		<-time.After(time.Duration(r.IntN(1500)) * time.Millisecond)
		p.Kill()
		p.Start()
	})
	p.WaitReady()
	t.Logf("killed %d times", kills)
	s.settle(t, p)
	s.batchesEqual(t, p)
}
