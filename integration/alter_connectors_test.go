package integration

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

const (
	withSchemas = "altered" // prefixes of the connectors' topics
	bare        = "bare"
	lost        = "lost" // whose replication slot is lost
)

var connectors = []string{withSchemas, bare, lost}

// connect starts the connector of a prefix under a name of its own, which takes a snapshot unless a connector of
// that name was there before. keys is its message.key.columns, more are tables beside those of the process.
func (s *altering) connect(t *testing.T, prefix, name, keys string, more ...string) {
	t.Helper()
	names := append([]string{"public." + signals(prefix)}, more...)
	for _, a := range s.tables {
		if a.prefix == prefix {
			names = append(names, "public."+a.name)
		}
	}
	config := s.db.Debezium(prefix, names...)
	if prefix == bare {
		plain(config)
	}
	config["slot.name"], config["publication.name"] = stack.Slot(name), stack.Slot(prefix)
	config["signal.data.collection"] = "public." + signals(prefix)
	config["topic.creation.default.partitions"] = "2"
	config["value.converter.replace.null.with.default"] = "false"
	if keys != "" {
		config["message.key.columns"] = keys
	}
	if err := s.worker.Create(t.Context(), name, config); err != nil {
		t.Fatal(err)
	}
	s.connected[prefix] = name
}

func (s *altering) awaitConnectors(t *testing.T) {
	t.Helper()
	for _, name := range s.connected {
		if err := s.worker.WaitConnector(t.Context(), name, s.db, stack.Slot(name)); err != nil {
			t.Fatal(err)
		}
	}
}

// disconnect deletes a connector and waits until it has left its slot.
func (s *altering) disconnect(t *testing.T, prefix string) {
	t.Helper()
	name := s.connected[prefix]
	if err := s.worker.Delete(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	harness.Poll(t, alterWithin, "slot of "+name+" free", func() bool {
		return s.count(t, "SELECT count(*) FROM pg_replication_slots WHERE active AND slot_name = $1", stack.Slot(name)) == 0
	})
}

// loseSlot lets tables change while their connector has no replication slot; a connector with another slot takes
// a snapshot of what is left.
func (s *altering) loseSlot(t *testing.T) {
	t.Helper()
	s.disconnect(t, lost)
	if err := s.db.Exec(t.Context(), fmt.Sprintf("SELECT pg_drop_replication_slot('%s')", stack.Slot(lost))); err != nil {
		t.Fatal(err)
	}
	for _, a := range s.tables {
		if a.prefix == lost {
			s.exec(t, a.alteration, a.alter)
		}
	}
	s.connect(t, lost, lost+"_again", "")
}

// signals is the table by which a connector is asked to take snapshots.
func signals(prefix string) string { return "signals_" + prefix }

// signal has the connectors take snapshots of tables while they run, and waits until all rows were sent.
func (s *altering) signal(t *testing.T, tables []*alteredTable) {
	t.Helper()
	asked := map[string][]string{}
	for _, a := range tables {
		asked[a.prefix] = append(asked[a.prefix], fmt.Sprintf("%q", "public."+a.source()))
	}
	from := time.Now()
	for prefix, names := range asked {
		sql := fmt.Sprintf(`INSERT INTO %s VALUES ('back', 'execute-snapshot', '{"type": "incremental", "data-collections": [%s]}')`,
			signals(prefix), strings.Join(names, ", "))
		if err := s.db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	s.settled(t, tables, "sent again", func(a *alteredTable) error {
		rows := s.count(t, "SELECT count(*) FROM "+a.source())
		sent, err := s.recordsSince(t, a.topic(a.source()), from)
		if err == nil && sent < rows {
			err = fmt.Errorf("%d of %d rows were sent", sent, rows)
		}
		return err
	})
}

// recordsSince counts the records of a topic since a time.
func (s *altering) recordsSince(t *testing.T, topic string, from time.Time) (n int64, err error) {
	at, err := s.cluster.Admin().ListOffsetsAfterMilli(t.Context(), from.UnixMilli(), topic)
	if err = errors.Join(err, at.Error()); err != nil {
		return 0, err
	}
	ends, err := s.cluster.Admin().ListEndOffsets(t.Context(), topic)
	if err = errors.Join(err, ends.Error()); err != nil {
		return 0, err
	}
	for p, end := range ends[topic] {
		n += end.Offset - at[topic][p].Offset
	}
	return n, nil
}

// count asks the database for a number.
func (s *altering) count(t *testing.T, sql string, args ...any) (n int64) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
