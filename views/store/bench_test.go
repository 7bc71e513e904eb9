package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
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
	m := newMerge(v, []int64{b.next})
	batch, err := b.store.Seal(context.Background(), Cut{Batch: id, Changelog: []int64{b.next}, Rows: int64(m.rows()), Checksum: m.checksum()})
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

func (b *benchTable) run(tb testing.TB, q *query.Query) *Result {
	r, err := b.store.Snapshot().Query(context.Background(), q)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func columnsOf(cols ...int) []query.Output {
	var out []query.Output
	for _, c := range cols {
		out = append(out, query.Output{Column: c})
	}
	return out
}

func newest() []query.Order {
	return []query.Order{{Column: ordersCreated, Descending: true, NullsFirst: true}}
}

// BenchmarkLoad reports the rows a second of the first load, by one writer, and what
// the table takes in memory.
func BenchmarkLoad(b *testing.B) {
	t := benchOnce()
	for b.Loop() {
		runtime.KeepAlive(t)
	}
	b.ReportMetric(float64(t.rows)/t.loaded.Seconds(), "rows/s")
	b.ReportMetric(float64(t.raw)/float64(t.rows), "rawbytes/row")
	b.ReportMetric(float64(t.store.Memory().Base)/float64(t.rows), "basebytes/row")
	b.ReportMetric(float64(t.store.Memory().Total())/float64(t.raw), "memory/raw")
}

func BenchmarkLookup(b *testing.B) {
	t := benchOnce()
	r := rand.New(rand.NewPCG(1, 2))
	var dst []tables.Value
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = t.store.Snapshot().Lookup(tables.EncodeKey(tables.Int64Value(int64(r.IntN(t.rows)))), dst[:0])
	}
}

// queries are the reads that users feel.
func (b *benchTable) queries() map[string]func(r *rand.Rand) *query.Query {
	all := columnsOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	customer := func(r *rand.Rand) tables.Value { return tables.Int64Value(int64(r.IntN(b.rows / 50))) }
	return map[string]func(r *rand.Rand) *query.Query{
		"sortkey_page": func(r *rand.Rand) *query.Query {
			return &query.Query{Select: all, Filter: query.Compare{Column: ordersCustomer, Value: customer(r)}, Order: newest(), Limit: 10}
		},
		"unindexed_newest_50": func(r *rand.Rand) *query.Query {
			low := int64(r.IntN(499_000))
			d := func(x int64) tables.Value { return tables.DecimalValue(tables.DecimalFromInt64(x)) }
			return &query.Query{Select: all, Order: newest(), Limit: 50, Filter: query.And{
				query.Compare{Column: ordersTotal, Op: query.Gte, Value: d(low)}, query.Compare{Column: ordersTotal, Op: query.Lt, Value: d(low + 250)},
			}}
		},
		"latest_3_of_100": func(r *rand.Rand) *query.Query {
			in := query.In{Column: ordersCustomer}
			for range 100 {
				in.Values = append(in.Values, customer(r))
			}
			return &query.Query{Select: all, Filter: in, Order: newest(), Limit: 300, LimitBy: &query.LimitBy{Columns: []int{ordersCustomer}, N: 3}}
		},
		"group_by_status": func(*rand.Rand) *query.Query {
			return &query.Query{Limit: 100, Select: []query.Output{
				{Column: ordersStatus}, {Column: -1, Aggregate: query.Count}, {Column: ordersTotal, Aggregate: query.Sum},
			}}
		},
		"top_10_customers_30_days": func(r *rand.Rand) *query.Query {
			from := (firstSecond + int64(r.IntN(lastDays-30))*86_400) * 1_000_000
			return &query.Query{
				Limit:  10,
				Select: []query.Output{{Column: ordersCustomer}, {Column: ordersTotal, Aggregate: query.Sum}},
				Order:  []query.Order{{Column: 1, Descending: true, NullsFirst: true}},
				Filter: query.And{
					query.Compare{Column: ordersCreated, Op: query.Gte, Value: tables.TimestampValue(from)},
					query.Compare{Column: ordersCreated, Op: query.Lt, Value: tables.TimestampValue(from + 30*86_400*1_000_000)},
				},
			}
		},
		"distinct_customers_by_country": func(*rand.Rand) *query.Query {
			return &query.Query{Limit: 100, Select: []query.Output{{Column: ordersCountry}, {Column: ordersCustomer, Aggregate: query.CountDistinct}}}
		},
		"newest_50_of_all": func(*rand.Rand) *query.Query { return &query.Query{Select: all, Order: newest(), Limit: 50} },
		"ilike_newest_50": func(*rand.Rand) *query.Query {
			return &query.Query{Select: all, Order: newest(), Limit: 50, Filter: query.Like{Column: ordersCity, Pattern: "*Y 77*", Fold: true}}
		},
		"reference_equals": func(r *rand.Rand) *query.Query {
			row := orderRow(r.IntN(b.rows), b.rows, 0)
			return &query.Query{Select: all, Limit: 10, Filter: query.Compare{Column: ordersReference, Value: row[ordersReference]}}
		},
	}
}

func BenchmarkQuery(b *testing.B) {
	t := benchOnce()
	queries := t.queries()
	var names []string
	for name := range queries {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b.Run(name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			var took []time.Duration
			read, cpu := int64(0), cpuTime(b)
			b.ReportAllocs()
			for b.Loop() {
				q := queries[name](r)
				began := time.Now()
				read += t.run(b, q).RowsRead
				took = append(took, time.Since(began))
			}
			b.ReportMetric(float64((cpuTime(b)-cpu).Microseconds())/float64(len(took)), "cpu-µs/op")
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(read)/float64(len(took)), "rowsread/op")
		})
	}
}

// BenchmarkPlainLoop is what BenchmarkQuery/group_by_status is measured against: the
// same counts and sums by one loop over plain arrays, without versions or nulls.
func BenchmarkPlainLoop(b *testing.B) {
	t := benchOnce()
	status, total := make([]uint8, t.rows), make([]int64, t.rows)
	for i := range status {
		status[i], total[i] = uint8(t.batch.base.cols[ordersStatus].ints.at(i)), t.batch.base.cols[ordersTotal].ints.at(i)
	}
	cpu, n := cpuTime(b), 0
	for b.Loop() {
		var counts, sums [256]int64
		for i, s := range status {
			counts[s]++
			sums[s] += total[i]
		}
		runtime.KeepAlive(&counts)
		runtime.KeepAlive(&sums)
		n++
	}
	b.ReportMetric(float64((cpuTime(b)-cpu).Microseconds())/float64(n), "cpu-µs/op")
}

// cpuTime returns what the process has used of all cores: a measure that other
// processes on the machine disturb less.
func cpuTime(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkApply(b *testing.B) {
	t := benchOnce()
	group := make([]Change, 100)
	r := rand.New(rand.NewPCG(5, 5))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		b.StopTimer()
		for i := range group {
			row := orderRow(r.IntN(t.rows), t.rows, 3)
			group[i] = Change{Offset: t.next, Key: tables.EncodeKey(row[0]), Values: row}
			t.next++
		}
		b.StartTimer()
		if err := t.store.Apply(group, nil); err != nil {
			b.Fatal(err)
		}
		n += len(group)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "changes/s")
}

// BenchmarkSeal takes a batch of 37,000 changes, or as many per row, while a writer
// goes on with 20,000 changes a second, and reports the longest time that one of its calls took.
func BenchmarkSeal(b *testing.B) {
	t := benchOnce()
	id, round := uint64(10), 10
	var longest time.Duration
	for b.Loop() {
		b.StopTimer()
		t.seal(id)
		t.change(t.delta, round)
		before := t.store.current.Load()
		m := newMerge(before, []int64{t.next})
		cut := Cut{Batch: id + 1, Changelog: []int64{t.next}, Rows: int64(m.rows()), Checksum: m.checksum()}
		done := make(chan struct{})
		var writer sync.WaitGroup
		writer.Go(func() {
			pace := time.NewTicker(time.Millisecond)
			defer pace.Stop()
			for n := round * 1000; ; n++ {
				select {
				case <-done:
					return
				case <-pace.C:
				}
				began := time.Now()
				t.change(20, n)
				longest = max(longest, time.Since(began))
			}
		})
		b.StartTimer()
		if _, err := t.store.Seal(context.Background(), cut); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		close(done)
		writer.Wait()
		id, round = id+2, round+1
		b.StartTimer()
	}
	b.ReportMetric(float64(longest.Microseconds()), "longest-apply-µs")
}

// BenchmarkRestart reads a batch file until its rows can be queried.
func BenchmarkRestart(b *testing.B) {
	t := benchOnce()
	dir := b.TempDir()
	began := time.Now()
	path, err := WriteBatch(context.Background(), dir, t.batch)
	if err != nil {
		b.Fatal(err)
	}
	wrote := time.Since(began)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		read, err := OpenBatch(context.Background(), dir, 1, t.table)
		if err != nil {
			b.Fatal(err)
		}
		s, err := New(Options{Table: t.table})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Load(read); err != nil {
			b.Fatal(err)
		}
		if s.Snapshot().Rows() != int64(t.rows) {
			b.Fatal("rows are missing")
		}
	}
	b.ReportMetric(wrote.Seconds()*1000, "write-ms")
	b.ReportMetric(float64(info.Size())/float64(t.rows), "filebytes/row")
}
