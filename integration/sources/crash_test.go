package sources

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// A connector that is killed sends again what it had sent since its last flush, or its whole snapshot. A reader
// that polls meanwhile never sees a row go back in time.
func crashTest(t *testing.T, s *servers) {
	own := *s
	own.worker = stack.ConnectFor(t, s.kafka, stack.Options{})
	f := feed{servers: &own, name: "crash", table: "crash", columns: parseColumns(`
id | int64 |
n | int64 |
`)}
	s.execPostgres(t, "CREATE TABLE crash (id int PRIMARY KEY, n int); INSERT INTO crash SELECT i, 0 FROM generate_series(1, 50) i")
	f.follow(t, 50)
	p := f.view(t)
	watched, stop := context.WithCancel(t.Context())
	watch := make(chan error, 1)
	go func() { watch <- neverBack(watched, p, f.name) }()

	const changes = 3000
	loaded := make(chan error, 1)
	go func() { loaded <- count(t.Context(), s.postgres.DSN, changes) }()
	for _, at := range []int64{500, 1500} {
		f.waitRecords(t, f.name, f.topic(), at)
		own.worker.Kill()
		if err := own.worker.Restart(bounded(t)); err != nil {
			t.Fatal(err)
		}
		if err := own.worker.WaitConnector(bounded(t), f.name, s.postgres, stack.Slot(f.name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-loaded; err != nil {
		t.Fatal(err)
	}
	f.differs(t, p)
	stop()
	if err := <-watch; err != nil {
		t.Error(err)
	}
	n, err := s.records(t, f.topic())
	if err != nil {
		t.Fatal(err)
	}
	if n <= 50+changes {
		t.Errorf("%d records of %d changes: the kills repeated nothing, so nothing was tested", n, 50+changes)
	}
	t.Logf("%d records of %d changes", n, 50+changes)
}

// count raises n of one row after the other, one transaction each.
func count(ctx context.Context, dsn string, changes int) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for i := range changes {
		if _, err := conn.Exec(ctx, "UPDATE crash SET n = n + 1 WHERE id = $1", i%50+1); err != nil {
			return err
		}
	}
	return nil
}

// neverBack polls until ctx ends, and says which row had a greater n before.
func neverBack(ctx context.Context, p *harness.Process, table string) error {
	seen := map[string]int{}
	for ctx.Err() == nil {
		rows, err := p.Page(table, "")
		if err != nil {
			return err
		}
		for _, r := range rows {
			id := fmt.Sprint(r["id"])
			n, err := strconv.Atoi(fmt.Sprint(r["n"]))
			if err != nil {
				return err
			}
			if n < seen[id] {
				return fmt.Errorf("row %s went back from %d to %d", id, seen[id], n)
			}
			seen[id] = n
		}
	}
	return nil
}

// A changed key goes to another partition, and its new row starts with placeholders for what lies out of line.
func keyChangeTest(t *testing.T, s *servers) {
	for _, one := range []Settings{
		{Name: "keychange_plain"}, {Name: "keychange_schemas", Schemas: true},
		{Name: "keychange_flat", Flat: "delete-to-tombstone"}, {Name: "keychange_both", Schemas: true, Flat: "rewrite-with-tombstone", Binary: "hex"},
	} {
		f := feed{servers: s, name: one.Name, table: one.Name, settings: one, columns: parseColumns(`
id | int64 |
v | string |
big | string |
raw | bytes | binary | replace(encode(raw, 'base64'), E'\n', '')
`)}
		s.execPostgres(t, fmt.Sprintf(`CREATE TABLE %[1]s (id int PRIMARY KEY, v text, big text, raw bytea);
			ALTER TABLE %[1]s ALTER COLUMN big SET STORAGE EXTERNAL, ALTER COLUMN raw SET STORAGE EXTERNAL;
			INSERT INTO %[1]s SELECT i, 'snapshot', repeat(md5(i::text), 200), decode(repeat(md5(i::text), 200), 'hex') FROM generate_series(1, 10) i`, one.Name))
		f.follow(t, 10)
		p := f.view(t)
		s.execPostgres(t, fmt.Sprintf(`INSERT INTO %[1]s SELECT i, 'streamed', repeat(md5(i::text), 200), decode(repeat(md5(i::text), 200), 'hex') FROM generate_series(11, 20) i`, one.Name))
		s.execPostgres(t, fmt.Sprintf(`UPDATE %[1]s SET id = id + 1000 WHERE id %% 2 = 0`, one.Name))
		s.execPostgres(t, fmt.Sprintf(`UPDATE %[1]s SET v = 'changed' WHERE id %% 3 = 0`, one.Name))
		s.execPostgres(t, fmt.Sprintf(`UPDATE %[1]s SET id = id - 500 WHERE id > 1010`, one.Name))
		// Two keys change places in one transaction.
		s.execPostgres(t, fmt.Sprintf(`BEGIN; UPDATE %[1]s SET id = 0 WHERE id = 1; UPDATE %[1]s SET id = 1 WHERE id = 3; UPDATE %[1]s SET id = 3 WHERE id = 0; COMMIT`, one.Name))
		f.differs(t, p)
	}
}
