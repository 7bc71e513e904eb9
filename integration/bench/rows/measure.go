package rows

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// times are how long the runs of one question took.
type times []time.Duration

func (t times) at(per1000 int) time.Duration {
	if len(t) == 0 {
		return 0
	}
	slices.Sort(t)
	return t[min(len(t)*per1000/1000, len(t)-1)]
}

func (t times) p50() time.Duration { return t.at(500) }
func (t times) p99() time.Duration { return t.at(990) }

// measure asks a question so often, or until ctx ends, reading every value of the answers.
func (w *world) measure(ctx context.Context, q question, runs int) (times, error) {
	r := rand.New(rand.NewPCG(1, 2))
	out := make(times, 0, runs)
	var values []tables.Value
	for len(out) < runs && ctx.Err() == nil {
		a := q.ask(r, w.rows)
		began := time.Now()
		var err error
		if values, err = w.answer(a, values[:0]); err != nil {
			return nil, err
		}
		out = append(out, time.Since(began))
	}
	runtime.KeepAlive(values)
	return out, nil
}

// answer appends the values of an answer.
func (w *world) answer(a asked, dst []tables.Value) ([]tables.Value, error) {
	snap := w.store.Snapshot()
	if a.query == nil {
		dst, _ = snap.Lookup(a.key, dst)
		return dst, nil
	}
	got, err := snap.Query(context.Background(), a.query)
	if err != nil {
		return dst, err
	}
	for row := range got.Len() {
		for col := range got.Outputs {
			dst = append(dst, got.Value(row, col))
		}
	}
	return dst, nil
}

// cpu is the processor time that the process has taken: what a question costs, also on a
// machine that does other work.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // of a process that asks for itself
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// text writes the first columns of an answer's rows as SQL would, to compare with.
func (w *world) text(a asked) (string, error) {
	values, err := w.answer(a, nil)
	if err != nil {
		return "", err
	}
	types := make([]tables.Type, 0, 10)
	if a.query == nil {
		for _, c := range w.table.Columns {
			types = append(types, c.Type)
		}
	} else {
		for _, o := range outputs(w.table, a.query) {
			types = append(types, o.Type)
		}
	}
	var b strings.Builder
	for i, v := range values {
		if col := i % len(types); col < 2 {
			b.Write(tables.AppendText(nil, types[col], v))
			b.WriteByte(" \n"[col])
		}
	}
	return b.String(), nil
}

func outputs(t *tables.Table, q *query.Query) []query.Output {
	out := slices.Clone(q.Select)
	for i := range out {
		if out[i].Column < 0 {
			out[i].Type = tables.Type{Kind: tables.Int64}
			continue
		}
		out[i].Type, _ = query.ResultType(out[i].Aggregate, t.Columns[out[i].Column].Type)
	}
	return out
}

// loop is the median of what a count and sum by status takes over plain arrays, on one
// core, without versions or nulls.
func (w *world) loop() (p50, spent time.Duration) {
	status, total := make([]uint8, 0, w.rows), make([]int64, 0, w.rows)
	row := make([]tables.Value, 0, 10)
	for id := range w.rows {
		row = Row(row[:0], id, w.rows, 0)
		status = append(status, uint8(slices.Index(statuses[:], row[colStatus].Str())))
		total = append(total, int64(row[colTotal].Decimal().Lo))
	}
	var out times
	spent = cpu()
	for range 50 {
		began := time.Now()
		var counts, sums [256]int64
		for i, s := range status {
			counts[s]++
			sums[s] += total[i]
		}
		runtime.KeepAlive(&counts)
		runtime.KeepAlive(&sums)
		out = append(out, time.Since(began))
	}
	return out.p50(), (cpu() - spent) / time.Duration(len(out))
}
