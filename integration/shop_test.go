package integration

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tidemark/tidemark/integration/harness"
)

// The shop is a database of three tables that four connections change at random.

const shopSchema = `
CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, email varchar(80), tier text, balance numeric(12,2),
  active boolean, score double precision, since date, ref uuid, created_at timestamptz);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, status text NOT NULL, total numeric(20,4), note text,
  placed_at timestamp, due time, paid boolean, raw bytea);
CREATE TABLE stock (sku text, warehouse text, quantity int, bulky numeric(38,10), attributes jsonb, changed_at timestamptz,
  PRIMARY KEY (warehouse, sku));`

// shopTable is one table of the shop on both sides.
type shopTable struct {
	name    string
	columns []m
	key     []string
	sql     string // selects each row as a JSON object in Tidemark's forms
	insert  func(r *rand.Rand, n int) (sql string, args []any)
	where   func(n int) (sql string, args []any)
}

const usFormat = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`

func shopTables() []shopTable { return []shopTable{shopCustomers(), shopOrders(), shopStock()} }

func shopCustomers() shopTable {
	return shopTable{
		name: "customers", key: []string{"id"},
		columns: []m{
			harness.Col("id", "int64"), harness.Col("name", "string"), harness.Col("email", "string"),
			harness.Col("tier", "string"), harness.Col("balance", "decimal(12,2)", "encoding", "decimal_base64"),
			harness.Col("active", "bool"), harness.Col("score", "float64"),
			harness.Col("since", "date", "encoding", "epoch_days"), harness.Col("ref", "uuid"),
			harness.Col("created_at", "timestamp", "encoding", "iso_timestamp"),
		},
		sql: `SELECT json_build_object('id', id, 'name', name, 'email', email, 'tier', tier, 'balance', balance,
				'active', active, 'score', score, 'since', since, 'ref', ref,
				'created_at', to_char(created_at AT TIME ZONE 'UTC', ` + usFormat + `))::text FROM customers`,
		insert: func(r *rand.Rand, n int) (string, []any) {
			return `INSERT INTO customers VALUES ($1, $2, $3, $4, $5::text::numeric, $6, $7, $8::text::date, $9::text::uuid, $10::text::timestamptz)
					ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, tier = excluded.tier, balance = excluded.balance, score = excluded.score`,
				[]any{
					n, word(r) + " \"" + word(r) + "\" ☃", maybe(r, word(r)+"@example.org"), pick(r, "gold", "silver", "none"),
					fmt.Sprintf("%d.%02d", r.IntN(2_000_000)-1_000_000, r.IntN(100)), r.IntN(2) == 0, r.NormFloat64() * 1e3,
					fmt.Sprintf("20%02d-%02d-%02d", r.IntN(100), 1+r.IntN(12), 1+r.IntN(28)),
					fmt.Sprintf("%08x-0000-4000-8000-%012x", r.Uint32(), r.Uint64()&0xffffffffffff),
					fmt.Sprintf("2026-%02d-%02d %02d:%02d:%02d.%06d+02", 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1e6)),
				}
		},
		where: func(n int) (string, []any) { return "id = $1", []any{n} },
	}
}

func shopOrders() shopTable {
	return shopTable{
		name: "orders", key: []string{"id"},
		columns: []m{
			harness.Col("id", "int64"), harness.Col("customer_id", "int64", "index", true), harness.Col("status", "string"),
			harness.Col("total", "decimal(20,4)", "encoding", "decimal_base64"), harness.Col("note", "string"),
			harness.Col("placed_at", "timestamp", "encoding", "epoch_us"), harness.Col("due", "time", "encoding", "time_us"),
			harness.Col("paid", "bool"), harness.Col("raw", "bytes", "encoding", "bytes_base64"),
		},
		sql: `SELECT json_build_object('id', id, 'customer_id', customer_id, 'status', status, 'total', total, 'note', note,
				'placed_at', to_char(placed_at, ` + usFormat + `), 'due', to_char(due, 'HH24:MI:SS.US'), 'paid', paid,
				'raw', replace(encode(raw, 'base64'), E'\n', ''))::text FROM orders`,
		insert: func(r *rand.Rand, n int) (string, []any) {
			raw := make([]byte, r.IntN(20))
			for i := range raw {
				raw[i] = byte(r.Uint32())
			}
			return `INSERT INTO orders VALUES ($1, $2, $3, $4::text::numeric, $5, $6::text::timestamp, $7::text::time, $8, $9)
					ON CONFLICT (id) DO UPDATE SET status = excluded.status, total = excluded.total, note = excluded.note`,
				[]any{
					n, r.Int64() - r.Int64(), pick(r, "draft", "open", "paid", "sent"), fmt.Sprintf("%d.%04d", r.Int64N(1e15), r.IntN(1e4)),
					maybe(r, strings.Repeat(word(r), 1+r.IntN(20))),
					fmt.Sprintf("19%02d-%02d-%02d %02d:00:00.%06d", r.IntN(100), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(1e6)),
					fmt.Sprintf("%02d:%02d:%02d.%06d", r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1e6)), r.IntN(2) == 0, raw,
				}
		},
		where: func(n int) (string, []any) { return "id = $1", []any{n} },
	}
}

func shopStock() shopTable {
	return shopTable{
		name: "stock", key: []string{"warehouse", "sku"},
		columns: []m{
			harness.Col("sku", "string"), harness.Col("warehouse", "string"), harness.Col("quantity", "int64"),
			harness.Col("bulky", "decimal(38,10)", "encoding", "decimal_base64"),
			harness.Col("attributes", "json", "encoding", "json_string"),
			harness.Col("changed_at", "timestamp", "encoding", "iso_timestamp"),
		},
		sql: `SELECT json_build_object('sku', sku, 'warehouse', warehouse, 'quantity', quantity, 'bulky', bulky,
				'attributes', attributes, 'changed_at', to_char(changed_at AT TIME ZONE 'UTC', ` + usFormat + `))::text FROM stock`,
		insert: func(r *rand.Rand, n int) (string, []any) {
			return `INSERT INTO stock VALUES ($1, $2, $3, $4::text::numeric, $5::text::jsonb, $6::text::timestamptz)
					ON CONFLICT (warehouse, sku) DO UPDATE SET quantity = excluded.quantity, attributes = excluded.attributes`,
				[]any{
					sku(n), house(n), r.IntN(1000), fmt.Sprintf("-%d.%010d", r.Int64(), r.Int64N(1e10)),
					fmt.Sprintf(`{"n": %d, "tags": ["a,b", null, "%s"]}`, r.Int64(), word(r)),
					fmt.Sprintf("2025-%02d-%02d 12:00:00.%06dZ", 1+r.IntN(12), 1+r.IntN(28), r.IntN(1e6)),
				}
		},
		where: func(n int) (string, []any) { return "sku = $1 AND warehouse = $2", []any{sku(n), house(n)} },
	}
}

func sku(n int) string   { return fmt.Sprintf("sku,%d/é", n/3) }
func house(n int) string { return []string{"eu", "us,1", "|"}[n%3] }

func word(r *rand.Rand) string {
	b := make([]byte, 3+r.IntN(8))
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return string(b)
}

func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }

func maybe(r *rand.Rand, s string) any {
	if r.IntN(5) == 0 {
		return nil
	}
	return s
}

// shopKeys is how many keys each table has; a connection owns those of its remainder,
// so that rows of several connections meet in a partition but not in a lock.
const (
	shopKeys        = 8000
	shopConnections = 4
)

// fillShop inserts n rows into each table.
func fillShop(ctx context.Context, dsn string, n int) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	r := rand.New(rand.NewPCG(1, 1))
	for _, table := range shopTables() {
		batch := &pgx.Batch{}
		for i := range n {
			sql, args := table.insert(r, i)
			batch.Queue(sql, args...)
		}
		if err := conn.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("fill %s: %w", table.name, err)
		}
	}
	return nil
}

// changeShop makes n random changes over one connection, in transactions of
// several rows, some of which are rolled back.
func changeShop(ctx context.Context, dsn string, seed uint64, connection, n int) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	r := rand.New(rand.NewPCG(seed, uint64(connection)))
	all := shopTables()
	for done := 0; done < n; {
		size := min(1+r.IntN(12), n-done)
		tx, err := conn.Begin(ctx)
		if err != nil {
			return err
		}
		for range size {
			sql, args := changeOne(r, all[r.IntN(len(all))], connection)
			if _, err := tx.Exec(ctx, sql, args...); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		if r.IntN(20) == 0 {
			err = tx.Rollback(ctx)
		} else {
			err = tx.Commit(ctx)
			done += size
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// changeOne writes an insert or an update of all columns (which one, the database
// decides), or a delete, or now and then a change of the primary key.
func changeOne(r *rand.Rand, table shopTable, connection int) (string, []any) {
	n := r.IntN(shopKeys/shopConnections)*shopConnections + connection
	where, args := table.where(n)
	switch {
	case r.IntN(4) == 0:
		return "DELETE FROM " + table.name + " WHERE " + where, args
	case table.name == "orders" && r.IntN(30) == 0:
		to := shopKeys + n
		return "UPDATE orders SET id = $2 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = $2)", []any{n, to}
	}
	return table.insert(r, n)
}
