package store

import (
	"context"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/merge"
)

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

// BenchmarkGroupAgainstLoop takes turns between group_by_status and the same counts and
// sums by one loop over plain arrays, without versions or nulls, and reports the ratio of
// their processor times.
func BenchmarkGroupAgainstLoop(b *testing.B) {
	t := benchOnce()
	status, total := make([]uint8, t.rows), make([]int64, t.rows)
	for i := range status {
		status[i], total[i] = uint8(t.batch.base.Cols[ordersStatus].Ints.At(i)), t.batch.base.Cols[ordersTotal].Ints.At(i)
	}
	q := t.queries()["group_by_status"](nil)
	var store, loop time.Duration
	for b.Loop() {
		began := cpuTime(b)
		t.run(b, q)
		between := cpuTime(b)
		var counts, sums [256]int64
		for i, s := range status {
			counts[s]++
			sums[s] += total[i]
		}
		runtime.KeepAlive(&counts)
		runtime.KeepAlive(&sums)
		store, loop = store+between-began, loop+cpuTime(b)-between
	}
	b.ReportMetric(float64(store.Microseconds())/float64(b.N), "store-cpu-µs/op")
	b.ReportMetric(float64(loop.Microseconds())/float64(b.N), "loop-cpu-µs/op")
	b.ReportMetric(float64(store)/float64(loop), "ratio")
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
// continues with 20,000 changes a second, and reports the longest time that one of its calls took.
func BenchmarkSeal(b *testing.B) {
	t := benchOnce()
	id, round := uint64(10), 10
	var longest time.Duration
	for b.Loop() {
		b.StopTimer()
		t.seal(id)
		t.change(t.delta, round)
		before := t.store.current.Load()
		m := merge.New(before, []int64{t.next})
		cut := Cut{Batch: id + 1, Changelog: []int64{t.next}, Rows: int64(m.Rows()), Checksum: m.Checksum()}
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
