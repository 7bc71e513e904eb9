package rows

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// writeCSV writes the rows as they are now, without a header, for the databases to load.
func (w *world) writeCSV(ctx context.Context, path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	out := bufio.NewWriterSize(f, 1<<20)
	var line []byte
	err = w.store.Snapshot().Stream(ctx, &query.Query{Select: all(), Limit: query.NoLimit}, func(r *store.Result) error {
		for row := range r.Len() {
			line = line[:0]
			for col := range r.Outputs {
				line = tables.AppendText(line, r.Outputs[col].Type, r.Value(row, col))
				line = append(line, ',')
			}
			line[len(line)-1] = '\n'
			if _, err := out.Write(line); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return f.Close()
}

const createOrders = "CREATE TABLE orders (id BIGINT, customer_id BIGINT, status VARCHAR, total DECIMAL(12,2), city VARCHAR," +
	" country VARCHAR, created_at TIMESTAMP, weight BIGINT, paid BOOLEAN, reference VARCHAR)"

// The task and the outcomes of the command beside this package, which see.
type (
	duckTask struct {
		Setup     []string       `json:"setup"`
		Questions []duckQuestion `json:"questions"`
	}
	duckQuestion struct {
		Before string   `json:"before,omitempty"`
		SQL    []string `json:"sql"`
	}
	duckOutcomes struct {
		Version string `json:"version"`
		Setup   int64  `json:"setup_ms"`
		Each    []struct {
			P50    int64  `json:"p50_us"`
			P99    int64  `json:"p99_us"`
			CPU    int64  `json:"cpu_us"`
			Answer string `json:"answer"`
		} `json:"each"`
	}
)

// duckDB asks DuckDB the questions, on the rows of a CSV file in a plain table, and the
// lookup with a unique index.
func (b *Bench) duckDB(ctx context.Context, w *world, csv string) (*duckOutcomes, error) {
	t := duckTask{Setup: []string{createOrders, fmt.Sprintf("COPY orders FROM '%s' (HEADER false)", csv)}}
	for _, q := range questions() {
		r, d := rand.New(rand.NewPCG(1, 2)), duckQuestion{}
		for range q.duck {
			d.SQL = append(d.SQL, q.ask(r, w.rows).sql)
		}
		t.Questions = append(t.Questions, d)
	}
	// The lookup comes last here, so that the others have the plain table.
	lookup := t.Questions[0]
	lookup.Before = "CREATE UNIQUE INDEX orders_id ON orders (id)"
	t.Questions = append(t.Questions[1:], lookup)
	input, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(b.Dir, "duckdb")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	build.Dir, build.Stderr = filepath.Join("integration", "bench", "duckdb"), b.Talk
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("build the command that asks DuckDB: %w", err)
	}
	var output bytes.Buffer
	ask := exec.CommandContext(ctx, binary)
	ask.Stdin, ask.Stdout, ask.Stderr = bytes.NewReader(input), &output, b.Talk
	if err := ask.Run(); err != nil {
		return nil, fmt.Errorf("ask DuckDB: %w", err)
	}
	o := new(duckOutcomes)
	if err := json.Unmarshal(output.Bytes(), o); err != nil {
		return nil, fmt.Errorf("read what DuckDB answered: %w", err)
	}
	if len(o.Each) != len(questions()) {
		return nil, fmt.Errorf("DuckDB answered %d of %d questions: %w", len(o.Each), len(questions()), io.ErrUnexpectedEOF)
	}
	n := len(o.Each)
	o.Each = append(o.Each[n-1:n:n], o.Each[:n-1]...) // in the order of the questions
	return o, w.agree(o)
}

// agree compares the first answers.
func (w *world) agree(o *duckOutcomes) error {
	for i, q := range questions() {
		want, err := w.text(q.ask(rand.New(rand.NewPCG(1, 2)), w.rows))
		if err != nil {
			return err
		}
		if got := o.Each[i].Answer; got != want {
			return fmt.Errorf("%s: DuckDB answers\n%s\nand the store\n%s", q.name, got, want)
		}
	}
	return nil
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
