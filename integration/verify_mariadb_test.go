package integration

import (
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

const stockOfMariaDB = `
CREATE TABLE stock (id bigint, place varchar(20), name text, price decimal(12,2), weight float, score double, day date, at datetime(6),
  seen timestamp(3) NULL, due time(6), made year, kind enum('a','b'), tags set('x','y'), flags bit(12), raw varbinary(20), doc json, big bigint unsigned,
  PRIMARY KEY (place, id));
INSERT INTO stock VALUES
  (1, 'Zürich', 'é ☃', 19.90, 3.14, 1e23, '2026-11-22', '2026-11-22 10:15:00.123456', '2026-11-22 10:15:00.123', '23:59:59.999999', 2026, 'a', 'x,y',
    b'101010101010', x'00ff10', '{"a":1}', 42),
  (2, 'a,b', NULL, -0.01, -1.5, 0.1, '0001-01-01', '9999-12-31 23:59:59.999999', NULL, '00:00:00', 1901, 'b', '', b'0', '', 'null', 0),
  (9007199254740993, '', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`

func TestVerifyAgainstMariaDB(t *testing.T) {
	stack.NeedReal(t)
	t.Parallel()
	kafka, db := stack.KafkaFor(t, stack.Options{}), stack.MariaDBFor(t, stack.Options{})
	worker := stack.ConnectFor(t, kafka.Addr, stack.Options{Plugins: []string{"debezium-mariadb"}})
	if err := db.Exec(t.Context(), stockOfMariaDB); err != nil {
		t.Fatal(err)
	}
	if err := worker.Create(t.Context(), "verify", db.Debezium("verify", kafka.Addr, 300, "shop.stock")); err != nil {
		t.Fatal(err)
	}
	if err := worker.WaitRunning(t.Context(), "verify"); err != nil {
		t.Fatal(err)
	}
	var columns []m
	for _, c := range [][2]string{
		{"id", "int64"}, {"place", "string"}, {"name", "string"}, {"price", "decimal(12,2)"}, {"weight", "float64"}, {"score", "float64"}, {"day", "date"},
		{"at", "timestamp"}, {"seen", "timestamp"}, {"due", "time"}, {"made", "int64"}, {"kind", "string"}, {"tags", "string"}, {"flags", "int64"},
		{"raw", "bytes"}, {"big", "int64"},
	} {
		columns = append(columns, harness.Col(c[0], c[1]))
	}
	columns = append(columns, harness.Col("doc", "json", "encoding", "json_string")) // to MariaDB it is a text
	cluster := harness.Connect(t, []string{kafka.Addr})
	p := harness.Start(t, cluster, harness.Config{Tables: []m{
		harness.Table("stock", "verify.shop.stock", "debezium-json", []string{"place", "id"}, columns...),
	}})
	address := "mysql://tidemark:tidemark@" + db.Addr + "/shop"
	verify := func() (v verified, code int) {
		out, code := p.Command("verify", "stock", "--source", address, "-o", "json", "--settle", "3s")
		if err := harness.Decode(out, &v); err != nil {
			t.Fatalf("exit code %d: %v: %s", code, err, out)
		}
		return v, code
	}
	await := func(rows int) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; <-time.After(100 * time.Millisecond) {
			got, err := p.Page("stock", "")
			if err == nil && len(got) == rows {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d rows, want %d (%v)", len(got), rows, err)
			}
		}
	}
	await(3)
	if err := db.Exec(t.Context(), `UPDATE stock SET price = price + 1, at = '2026-01-02 03:04:05.000001' WHERE id = 1;
		DELETE FROM stock WHERE id = 2; UPDATE stock SET place = 'Bern' WHERE place = ''; INSERT INTO stock (id, place) VALUES (5, 'Bern'), (6, 'Bern')`); err != nil {
		t.Fatal(err)
	}
	await(4)
	if v, code := verify(); code != 0 || v.Rows != 4 || v.Missing+v.Unexpected+v.Different+v.Undecided > 0 || len(v.Skipped) > 0 {
		t.Errorf("exit code %d: %+v", code, v)
	}
	// The connector's log does not have it: a truncate is skipped.
	if err := db.Exec(t.Context(), `TRUNCATE stock`); err != nil {
		t.Fatal(err)
	}
	if v, code := verify(); code != 4 || v.Unexpected != 4 || v.Different+v.Missing > 0 {
		t.Errorf("after a truncate, exit code %d: %+v", code, v)
	}
}
