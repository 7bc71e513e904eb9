// Command bench measures Tidemark against a real Kafka on the same machine: the
// built binary, real-shaped events, and in the same run something plain to
// compare with. It prints Markdown; docs/benchmarks.md keeps what a quiet machine gave.
//
//	go run ./integration/bench [flags] ingest|freshness|lookup|batch|takeover|verify|tables|store|http|swap|follow|rollup|sizes|all
//
// store measures the store alone, against DuckDB and PostgreSQL; http, swap, follow and rollup
// are parts of it: what goes over HTTP, swaps of batches, streams of changes, rollups. sizes
// measures tables of up to 50 million rows, which takes long. all leaves the last five out, and
// tables, which measures what a table costs in a process of up to 200.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidemark/tidemark/integration/bench/rows"
	"github.com/tidemark/tidemark/integration/stack"
)

// A bench is one run: where the broker and the binary are, and how much is measured.
type bench struct {
	brokers  []string
	binary   string
	dir      string
	out      io.Writer
	talk     io.Writer
	events   int           // ingested
	keys     int           // among them
	rows     int           // of the large table
	changes  int           // between two of its batches
	round    time.Duration // of a figure of the store
	rounds   int           // in turn with a bare handler, over HTTP
	millions string        // sizes of narrow tables
	chart    string        // where they are drawn
	tables   string        // how many in one process
}

const partitions = 8

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] { // what the benchmark starts beside itself
		case bareCommand:
			return runBare(ctx, args[1:])
		case rows.ClientCommand:
			return rows.Client(args[1:], os.Stdout)
		case rows.FollowersCommand:
			return rows.Followers(args[1:], os.Stdin, os.Stdout)
		case constantCommand:
			return runConstant(ctx, args[1:])
		}
	}
	b := bench{out: os.Stdout, talk: os.Stderr}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	kafka := flags.String("kafka", "", "host:port of a running Kafka; one is started when empty")
	profile := flags.String("cpuprofile", "", "a file for the CPU profile of this process")
	b.declare(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	stopProfile, err := startProfile(*profile)
	if err != nil {
		return err
	}
	defer stopProfile()
	if b.dir, err = os.MkdirTemp("", "tidemark-bench"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if !slices.ContainsFunc(flags.Args(), func(name string) bool { return !alone(name) }) { // no broker is needed
		return b.measure(ctx, flags.Args())
	}
	if err := b.build(ctx); err != nil {
		return err
	}
	stop, err := b.broker(ctx, *kafka)
	if err != nil {
		return err
	}
	defer stop()
	return b.measure(ctx, flags.Args())
}

// declare makes the flags that say what is measured.
func (b *bench) declare(flags *flag.FlagSet) {
	flags.StringVar(&b.binary, "binary", "", "the tidemark binary; it is built when empty")
	flags.IntVar(&b.events, "events", 3_000_000, "events to ingest")
	flags.IntVar(&b.keys, "keys", 1_000_000, "keys among them")
	flags.IntVar(&b.rows, "rows", 5_000_000, "rows of the large table")
	flags.IntVar(&b.changes, "changes", 37_000, "changes before its batch")
	flags.DurationVar(&b.round, "round", 10*time.Second, "how long a figure of the store under load takes")
	flags.IntVar(&b.rounds, "rounds", 3, "how often the store and a bare handler take turns over HTTP")
	flags.StringVar(&b.chart, "chart", "", "the SVG file that the sizes of narrow tables are drawn in")
	flags.StringVar(&b.millions, "millions", "1,5,20,50", "the sizes of narrow tables, in million rows")
	flags.StringVar(&b.tables, "tables", "10,100,200", "how many small tables are in one process, one number after the other")
}

// alone reports whether a measurement needs no broker.
func alone(name string) bool {
	return slices.Contains([]string{"store", "http", "swap", "follow", "rollup", "sizes"}, name)
}

// startProfile writes the processor's profile to a file until stop is called.
func startProfile(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close() // the run is over, and its figures count
	}, nil
}

// broker starts a Kafka, unless one is given, and returns what stops it.
func (b *bench) broker(ctx context.Context, given string) (stop func(), err error) {
	if given != "" {
		b.brokers = []string{given}
		return func() {}, nil
	}
	k, err := stack.StartKafka(ctx, stack.Options{HeapMB: 1024, Optimized: true, Settings: map[string]string{"log.retention.hours": "-1"}})
	if err != nil {
		return nil, err
	}
	b.brokers = []string{k.Addr}
	return func() { _ = k.Close() }, nil // nothing is measured any more
}

func (b *bench) measure(ctx context.Context, names []string) error {
	store := rows.Bench{Rows: b.rows, Changes: b.changes, Dir: b.dir, Out: b.out, Talk: b.talk, Round: b.round, HTTPRounds: b.rounds, Chart: b.chart}
	all := []struct {
		name string
		run  func(context.Context) error
	}{
		{"ingest", b.ingest}, {"freshness", b.freshness}, {"lookup", b.lookup}, {"batch", b.batch}, {"takeover", b.takeover}, {"verify", b.verify}, {"tables", b.manyTables},
		{"store", store.Run}, {"http", store.HTTP}, {"swap", store.Swap}, {"follow", store.Follow}, {"rollup", store.Rollup}, {"sizes", b.sizes(&store)},
	}
	extra := []string{"tables", "http", "swap", "follow", "rollup", "sizes"}
	for _, m := range all {
		for _, want := range names {
			if want != m.name && (want != "all" || slices.Contains(extra, m.name)) {
				continue
			}
			fmt.Fprintf(b.talk, "bench: %s\n", m.name)
			if err := m.run(ctx); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("say what to measure: ingest, freshness, lookup, batch, takeover, verify, tables, store, http, swap, follow, rollup, sizes or all")
	}
	return nil
}

func (b *bench) build(ctx context.Context) error {
	if b.binary != "" {
		path, err := filepath.Abs(b.binary)
		b.binary = path
		return err
	}
	b.binary = filepath.Join(b.dir, "tidemark")
	return command(ctx, b.talk, "go", "build", "-o", b.binary, "./cmd/tidemark")
}

// wholeNumbers reads numbers from 1 to most, with commas between them.
func wholeNumbers(flag, list string, most int) (numbers []int, err error) {
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > most {
			return nil, fmt.Errorf("%s: %q is no number from 1 to %d", flag, text, most)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// sizes measures narrow tables of the sizes asked for.
func (b *bench) sizes(store *rows.Bench) func(context.Context) error {
	return func(ctx context.Context) error {
		var sizes []int
		for text := range strings.SplitSeq(b.millions, ",") {
			n, err := strconv.ParseFloat(text, 64)
			if err != nil || n < 0.01 || n > 100 {
				return fmt.Errorf("-millions: %q is no number from 0.01 to 100", text)
			}
			sizes = append(sizes, int(n*1e6))
		}
		return store.Sizes(ctx, sizes)
	}
}
