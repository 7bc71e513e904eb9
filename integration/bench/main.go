// Command bench measures Tidemark against a real Kafka on the same machine: the
// built binary, real-shaped events, and in the same run something plain to
// compare with. It prints Markdown; docs/benchmarks.md keeps what a quiet machine gave.
//
//	go run ./integration/bench [flags] ingest|freshness|lookup|batch|takeover|all
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/tidemark/tidemark/integration/stack"
)

// A bench is one run: where the broker and the binary are, and how much is measured.
type bench struct {
	brokers []string
	binary  string
	dir     string
	out     io.Writer
	talk    io.Writer
	events  int // ingested
	keys    int // among them
	rows    int // of the large table
	changes int // between two of its batches
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
	if len(args) > 0 && args[0] == bareCommand {
		return runBare(ctx, args[1:])
	}
	if len(args) > 0 && args[0] == constantCommand {
		return runConstant(ctx, args[1:])
	}
	b := bench{out: os.Stdout, talk: os.Stderr}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	kafka := flags.String("kafka", "", "host:port of a running Kafka; one is started when empty")
	flags.StringVar(&b.binary, "binary", "", "the tidemark binary; it is built when empty")
	flags.IntVar(&b.events, "events", 3_000_000, "events to ingest")
	flags.IntVar(&b.keys, "keys", 1_000_000, "keys among them")
	flags.IntVar(&b.rows, "rows", 5_000_000, "rows of the large table")
	flags.IntVar(&b.changes, "changes", 37_000, "changes before its batch")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var err error
	if b.dir, err = os.MkdirTemp("", "tidemark-bench"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if err := b.build(ctx); err != nil {
		return err
	}
	if *kafka != "" {
		b.brokers = []string{*kafka}
	} else {
		k, err := stack.StartKafka(ctx, stack.Options{HeapMB: 1024, Settings: map[string]string{"log.retention.hours": "-1"}})
		if err != nil {
			return err
		}
		defer k.Close()
		b.brokers = []string{k.Addr}
	}
	return b.measure(ctx, flags.Args())
}

func (b *bench) measure(ctx context.Context, names []string) error {
	all := []struct {
		name string
		run  func(context.Context) error
	}{{"ingest", b.ingest}, {"freshness", b.freshness}, {"lookup", b.lookup}, {"batch", b.batch}, {"takeover", b.takeover}}
	for _, m := range all {
		for _, want := range names {
			if want != m.name && want != "all" {
				continue
			}
			fmt.Fprintf(b.talk, "bench: %s\n", m.name)
			if err := m.run(ctx); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("say what to measure: ingest, freshness, lookup, batch, takeover or all")
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
