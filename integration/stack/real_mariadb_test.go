package stack

import (
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestMariaDBKeepsDataOverKillAndRestart(t *testing.T) {
	NeedReal(t)
	db := MariaDBFor(t, Options{Settings: map[string]string{"max_connections": "30"}})
	run := func(statements string) {
		t.Helper()
		if err := db.Exec(t.Context(), statements); err != nil {
			t.Fatalf("%s: %v", statements, err)
		}
	}
	run("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
	logRSS(t, "mariadb", db.PID())
	db.Kill()
	restart(t, "mariadb after SIGKILL", db.Restart)
	if err := db.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	restart(t, "mariadb after a clean stop", db.Restart)
	// Both fail where the condition does not hold: a key twice, a row that is no number.
	run("INSERT INTO t SELECT id + 1 FROM t")
	if err := db.Exec(t.Context(), "INSERT INTO t VALUES (2)"); err == nil || !strings.Contains(err.Error(), "Duplicate") {
		t.Errorf("a row from before the kill is gone: %v", err)
	}
}

// Both connectors read it: MariaDB's own, and MySQL's.
func TestMariaDBChangesReachKafka(t *testing.T) {
	NeedReal(t)
	kafka, db := KafkaFor(t, Options{}), MariaDBFor(t, Options{})
	worker := ConnectFor(t, kafka.Addr, Options{Plugins: []string{"debezium-mariadb", "debezium-mysql"}})
	if err := db.Exec(t.Context(), "CREATE TABLE orders (id bigint PRIMARY KEY, status text); INSERT INTO orders VALUES (1, 'new')"); err != nil {
		t.Fatal(err)
	}
	for i, class := range []string{"io.debezium.connector.mariadb.MariaDbConnector", "io.debezium.connector.mysql.MySqlConnector"} {
		name := []string{"own", "mysql"}[i]
		config := db.Debezium(name, kafka.Addr, 100+i, "shop.orders")
		config["connector.class"] = class
		if name == "mysql" {
			config["database.ssl.mode"] = "disabled" // its word for it
		}
		config["value.converter.schemas.enable"] = "false"
		config["value.converter"] = "org.apache.kafka.connect.json.JsonConverter"
		if err := worker.Create(t.Context(), name, config); err != nil {
			t.Fatal(err)
		}
		if err := worker.WaitRunning(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		client := newClient(t, kafka, kgo.ConsumeTopics(name+".shop.orders"))
		wantEvents(t, client, "1:new")
		id := strconv.Itoa(2 + i)
		if err := db.Exec(t.Context(), "INSERT INTO orders VALUES ("+id+", 'new'); UPDATE orders SET status = 'paid' WHERE id = "+id); err != nil {
			t.Fatal(err)
		}
		wantEvents(t, client, id+":new", id+":paid")
	}
	logRSS(t, "connect", worker.PID())
}
