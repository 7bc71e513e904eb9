package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/merge"
)

// The benchmarks' table has TIDEMARK_STORE_ROWS rows of ten columns, 200,000 without
// it, and 37,000 changes, or as many per row, in the delta.
const (
	ordersID = iota
	ordersCustomer
	ordersStatus
	ordersTotal
	ordersCity
	ordersCountry
	ordersCreated
	ordersQuantity
	ordersPaid
	ordersReference
)

func ordersTable() *tables.Table {
	t := &tables.Table{Name: "orders", Key: []string{"id"}, SortKey: []string{"customer_id", "created_at"}}
	for _, c := range [][2]string{
		{"id", "int64"}, {"customer_id", "int64"}, {"status", "string"}, {"total", "decimal(12,2)"}, {"city", "string"},
		{"country", "string"}, {"created_at", "timestamp"}, {"quantity", "int64"}, {"paid", "bool"}, {"reference", "string"},
	} {
		typ, err := tables.ParseType(c[1])
		if err != nil {
			panic(err)
		}
		t.Columns = append(t.Columns, tables.Column{Name: c[0], Type: typ})
	}
	return t
}

const (
	firstSecond = 1_700_000_000
	lastDays    = 365
)

// orderRow is a function of id and round: the same in every run.
func orderRow(id, rows, round int) []tables.Value {
	r := rand.New(rand.NewPCG(uint64(id), uint64(round)))
	statuses := []string{"open", "paid", "packed", "shipped", "delivered", "returned"}
	country := r.IntN(60)
	return []tables.Value{
		tables.Int64Value(int64(id)),
		tables.Int64Value(int64(r.IntN(max(rows/50, 1)))),
		tables.StringValue(statuses[min(r.IntN(8), 5)]),
		tables.DecimalValue(tables.DecimalFromInt64(int64(r.IntN(500_000)))),
		tables.StringValue(fmt.Sprintf("city %d", country*20+r.IntN(20))),
		tables.StringValue(fmt.Sprintf("C%02d", country)),
		tables.TimestampValue((firstSecond+int64(r.IntN(lastDays*86_400)))*1_000_000 + int64(r.IntN(1_000_000))),
		tables.Int64Value(int64(1 + r.IntN(20))),
		tables.BoolValue(r.IntN(4) > 0),
		tables.StringValue(fmt.Sprintf("ref-%08x", r.Uint32())),
	}
}

// rawBytes is the size of a row's values in arrays of their types, strings as bytes.
func rawBytes(row []tables.Value) int {
	n := 0
	for _, v := range row {
		switch v.Kind() {
		case tables.Bool:
			n++
		case tables.String:
			n += len(v.Str())
		default:
			n += 8
		}
	}
	return n
}

type benchTable struct {
	table  *tables.Table
	store  *Store
	batch  *Batch
	rows   int
	delta  int
	loaded time.Duration
	raw    int64
	next   int64
}

var benchOnce = sync.OnceValue(newBenchTable)

func benchRows() int {
	if n, err := strconv.Atoi(os.Getenv("TIDEMARK_STORE_ROWS")); err == nil {
		return n
	}
	return 200_000
}

func newBenchTable() *benchTable {
	b := &benchTable{table: ordersTable(), rows: benchRows()}
	b.delta = 37_000 * b.rows / 5_000_000
	var err error
	if b.store, err = New(Options{Table: b.table}); err != nil {
		panic(err)
	}
	var spent time.Duration
	group := make([]Change, 0, 4096)
	for id := range b.rows {
		row := orderRow(id, b.rows, 0)
		b.raw += int64(rawBytes(row))
		group = append(group, Change{Offset: -1, Key: tables.EncodeKey(row[0]), Values: row})
		if len(group) == cap(group) || id == b.rows-1 {
			began := time.Now()
			if err := b.store.Apply(group, nil); err != nil {
				panic(err)
			}
			spent += time.Since(began)
			group = group[:0]
		}
	}
	b.store.Close()
	b.loaded = spent
	b.batch = b.seal(1)
	b.change(b.delta, 1)
	return b
}

// seal takes a batch of everything.
func (b *benchTable) seal(id uint64) *Batch {
	v := b.store.current.Load()
	m := merge.New(v, []int64{b.next})
	batch, err := b.store.Seal(context.Background(), Cut{Batch: id, Changelog: []int64{b.next}, Rows: int64(m.Rows()), Checksum: m.Checksum()})
	if err != nil {
		panic(err)
	}
	return batch
}

// change updates n rows: one in ten is removed, and one in ten is new.
func (b *benchTable) change(n, round int) {
	r := rand.New(rand.NewPCG(uint64(round), 9))
	var group []Change
	for i := range n {
		id := r.IntN(b.rows)
		if i%10 == 1 {
			id = b.rows + round*b.rows + i
		}
		row := orderRow(id, b.rows, round)
		c := Change{Offset: b.next, Key: tables.EncodeKey(row[0]), Values: row}
		if i%10 == 0 {
			c.Values = nil
		}
		b.next++
		group = append(group, c)
		if len(group) == 100 || i == n-1 {
			if err := b.store.Apply(group, tables.Position{b.next}); err != nil {
				panic(err)
			}
			group = group[:0]
		}
	}
}
