// Command duckdb asks an embedded DuckDB the questions of a benchmark: it reads a task
// from stdin and writes what it measured to stdout, both JSON. It is a module of its own,
// so that the database's 100 MB of libraries are fetched by those who compare with it
// and by no one else.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the driver
)

// task is what is to be measured.
type task struct {
	Setup     []string   `json:"setup"` // statements that make and fill the tables
	Questions []question `json:"questions"`
}

type question struct {
	Before string   `json:"before"` // a statement that comes first, such as an index; may be empty
	SQL    []string `json:"sql"`
}

// outcome is what one question took.
type outcome struct {
	P50    int64  `json:"p50_us"`
	P99    int64  `json:"p99_us"`
	CPU    int64  `json:"cpu_us"` // of all cores, on average
	Answer string `json:"answer"` // the first two columns of the first statement's rows
}

type outcomes struct {
	Version string    `json:"version"`
	Setup   int64     `json:"setup_ms"`
	Each    []outcome `json:"each"`
}

func main() {
	if err := run(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "duckdb:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer) error {
	var t task
	if err := json.NewDecoder(in).Decode(&t); err != nil {
		return err
	}
	pool, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer pool.Close()
	db, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	var o outcomes
	if err := db.QueryRowContext(ctx, "SELECT version()").Scan(&o.Version); err != nil {
		return err
	}
	began := time.Now()
	for _, s := range t.Setup {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	o.Setup = time.Since(began).Milliseconds()
	for _, q := range t.Questions {
		one, err := measure(ctx, db, q)
		if err != nil {
			return err
		}
		o.Each = append(o.Each, one)
	}
	return json.NewEncoder(out).Encode(o)
}

func measure(ctx context.Context, db *sql.Conn, q question) (outcome, error) {
	if q.Before != "" {
		if _, err := db.ExecContext(ctx, q.Before); err != nil {
			return outcome{}, fmt.Errorf("%s: %w", q.Before, err)
		}
	}
	var out outcome
	var took []time.Duration
	spent := cpu()
	for i, s := range q.SQL {
		began := time.Now()
		text, err := answer(ctx, db, s)
		if err != nil {
			return outcome{}, fmt.Errorf("%s: %w", s, err)
		}
		took = append(took, time.Since(began))
		if i == 0 {
			out.Answer = text
		}
	}
	out.CPU = (cpu() - spent).Microseconds() / int64(len(took))
	slices.Sort(took)
	out.P50, out.P99 = took[len(took)/2].Microseconds(), took[len(took)*99/100].Microseconds()
	return out, nil
}

// cpu is the processor time that the process has taken.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // of a process that asks for itself
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// answer reads every value of the rows.
func answer(ctx context.Context, db *sql.Conn, statement string) (string, error) {
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	var b strings.Builder
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%v %v\n", values[0], values[1])
	}
	return b.String(), rows.Err()
}
