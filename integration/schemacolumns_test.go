package integration

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// withSchema is a create, with the schema that Kafka Connect's JSON converter writes beside it. Each column is a
// field's schema without its name, such as {"type":"int64"}.
func withSchema(id int, row m, columns ...[2]string) harness.Event {
	var fields []string
	for _, c := range columns {
		fields = append(fields, strings.TrimSuffix(c[1], "}")+fmt.Sprintf(`,"field":%q}`, c[0]))
	}
	image := `{"type":"struct","fields":[` + strings.Join(fields, ",") + `]`
	return harness.Text(
		fmt.Sprintf(`{"schema":{"type":"struct","fields":[{"type":"int64","field":"id"}]},"payload":{"id":%d}}`, id),
		`{"schema":{"type":"struct","fields":[`+image+`,"field":"before"},`+image+`,"field":"after"},{"type":"string","field":"op"}]},"payload":{"before":null,"after":`+
			harness.JSON(row)+`,"op":"c","source":{"connector":"postgresql","table":"orders","schema":"public"}}}`)
}

var (
	idField    = [2]string{"id", `{"type":"int64"}`}
	totalField = [2]string{"total", `{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2","connect.decimal.precision":"12"}}`}
	bornField  = [2]string{"born", `{"type":"int32","name":"io.debezium.time.Date"}`}
)

// TestColumnsComeFromTheSchemaOfTheRecords starts processes before there is a record, adds a column to the source,
// and changes a type there. All processes have one definition, whichever of them has read the schema.
func TestColumnsComeFromTheSchemaOfTheRecords(t *testing.T) {
	t.Parallel()
	c := harness.NewCluster(t)
	topic := c.Topic(t, "shop.public.orders", 3)
	table := m{"name": "goods", "source": m{"topic": topic, "format": "debezium-json"}, "columns_from": "schema"}
	cfg := harness.Config{Tables: []m{table}}
	a, b, view := harness.New(t, c, cfg), harness.New(t, c, cfg), harness.New(t, c, role(cfg, "view"))
	all := []*harness.Process{a, b, view}
	for _, p := range all {
		p.Start()
	}
	harness.Poll(t, 20*time.Second, "a text that says what the table waits for", func() bool {
		answer, err := a.Do(http.MethodGet, "/readyz", "")
		return err == nil && answer.Status == http.StatusServiceUnavailable && strings.Contains(string(answer.Body), "has none")
	})
	if out, _ := a.Command("check", "-o", "csv"); !strings.Contains(string(out), "columns-from-schema") {
		t.Errorf("check says %s", out)
	}
	for id := range 20 {
		c.Produce(t, topic, withSchema(id, m{"id": id, "total": "BNI="}, idField, totalField))
	}
	for _, p := range all {
		p.WaitReady()
		if got := string(p.Get(t, "/v1/tables/goods/rows/7").Body); !strings.Contains(got, `{"id":7,"total":12.34}`) {
			t.Errorf("row 7 is %s", got)
		}
	}

	c.Produce(t, topic, withSchema(20, m{"id": 20, "total": "BNI=", "born": 19000}, idField, totalField, bornField))
	for _, p := range all {
		reached(t, p, 1)
		if got := string(p.Get(t, "/v1/tables/goods/rows/20").Body); !strings.Contains(got, `{"id":20,"total":12.34,"born":"2022-01-08"}`) {
			t.Errorf("row 20 is %s", got)
		}
		if got := string(p.Get(t, "/v1/tables/goods/rows/7").Body); !strings.Contains(got, `{"id":7,"total":12.34,"born":null}`) {
			t.Errorf("row 7 is %s", got)
		}
	}
	if counted(t, a, "tidemark_generation_columns_taken_total")+counted(t, b, "tidemark_generation_columns_taken_total") < 3 {
		t.Error("the columns that were taken are not counted")
	}

	// A column that leaves the schema stays, and one of another type is told and not taken.
	c.Produce(t, topic, withSchema(21, m{"id": 21, "born": "soon"}, idField, [2]string{"born", `{"type":"string"}`}))
	harness.Poll(t, 20*time.Second, "a report of the other type", func() bool {
		text := string(a.Get(t, "/readyz").Body) + string(b.Get(t, "/readyz").Body)
		return strings.Contains(text, "column born") && strings.Contains(text, "column total")
	})
	b.Stop()
	b.WipeData()
	b.Start()
	b.WaitReady()
	if s, err := generationOf(b); err != nil || s.Number != 1 || s.Build != nil {
		t.Errorf("the generations are %+v, %v", s, err)
	}
	if got := string(b.Get(t, "/v1/tables/goods/rows/20").Body); !strings.Contains(got, `"born":"2022-01-08"`) {
		t.Errorf("row 20 is %s", got)
	}
}

// TestDeclaredColumnsWinOverTheSchema declares some columns, and asks for another type of one that the schema told.
func TestDeclaredColumnsWinOverTheSchema(t *testing.T) {
	t.Parallel()
	c := harness.NewCluster(t)
	topic := c.Topic(t, "shop.public.orders", 1)
	config := func(declared ...m) harness.Config {
		return harness.Config{Tables: []m{{
			"name": "goods", "source": m{"topic": topic, "format": "debezium-json"}, "columns_from": "schema", "columns": declared,
			"sort_key": []string{"born", "id"}, "where": "total > 1",
		}}}
	}
	c.Produce(t, topic,
		withSchema(1, m{"id": 1, "total": "BNI=", "born": 19000}, idField, totalField, bornField),
		withSchema(2, m{"id": 2, "total": "Cg==", "born": 19000}, idField, totalField, bornField))
	p := harness.Start(t, c, config(harness.Col("day", "int64", "path", "born")))
	want := func(text string) {
		t.Helper()
		if got := harness.JSON(p.Rows(t, "goods", "")); got != text {
			t.Errorf("rows are %s", got)
		}
	}
	want(`[{"born":"2022-01-08","day":19000,"id":1,"total":12.34}]`)
	p.Stop()
	p.Reconfigure(config(harness.Col("day", "int64", "path", "born"), harness.Col("total", "decimal(6,1)")))
	p.Start()
	p.WaitReady()
	if text := string(p.Get(t, "/readyz").Body); !strings.Contains(text, "tidemark apply goods") {
		t.Errorf("another type is not said to wait: %s", text)
	}
	want(`[{"born":"2022-01-08","day":19000,"id":1,"total":12.34}]`)
	p.Stop()
	p.Reconfigure(config())
	p.Start()
	p.WaitReady()
	want(`[{"born":"2022-01-08","day":19000,"id":1,"total":12.34}]`) // a column that no file declares stays
}
