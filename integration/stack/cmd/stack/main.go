// Command stack runs the real servers for benchmarks and work by hand. It prints their addresses as shell
// exports and stops them on SIGINT or SIGTERM.
//
//	go run ./integration/stack/cmd/stack -postgres -connect
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
	"syscall"
	"time"

	"github.com/tidemark/tidemark/integration/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "stack:", err)
		os.Exit(1)
	}
}

// flags are what the command line says.
type flags struct {
	dir      string
	brokers  int
	heap     int
	postgres bool
	connect  bool
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	f, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	var servers []server
	defer func() {
		// In the order of their starts backwards: whoever uses a server ends before it.
		for i := len(servers) - 1; i >= 0; i-- {
			err = errors.Join(err, end(servers[i]))
		}
	}()
	kafka, err := startKafka(ctx, f, stderr)
	if err != nil {
		return err
	}
	servers = append(servers, kafka)
	fmt.Fprintf(stdout, "export TIDEMARK_KAFKA=%s\n", kafka.Addr)
	if f.postgres {
		db, err := stack.StartPostgres(ctx, f.options("postgres", stderr))
		if err != nil {
			return err
		}
		servers = append(servers, db)
		fmt.Fprintf(stdout, "export TIDEMARK_POSTGRES='%s'\n", db.DSN)
	}
	if f.connect {
		worker, err := stack.StartConnect(ctx, kafka.Addr, f.options("connect", stderr))
		if err != nil {
			return err
		}
		servers = append(servers, worker)
		fmt.Fprintf(stdout, "export TIDEMARK_CONNECT=%s\n", worker.URL)
	}
	fmt.Fprintln(stderr, "stack: ready; SIGINT stops it")
	<-ctx.Done()
	return nil
}

func parse(args []string, stderr io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("stack", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&f.dir, "dir", "", "keep data in this directory (default: a temporary one)")
	set.IntVar(&f.brokers, "brokers", 1, "number of Kafka brokers, 1 or 3")
	set.IntVar(&f.heap, "heap", 1024, "a broker's greatest heap in MiB")
	set.BoolVar(&f.postgres, "postgres", false, "start PostgreSQL too")
	set.BoolVar(&f.connect, "connect", false, "start Kafka Connect with Debezium too")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	if f.brokers != 1 && f.brokers != 3 {
		return f, fmt.Errorf("-brokers is %d, want 1 or 3", f.brokers)
	}
	if set.NArg() > 0 {
		return f, fmt.Errorf("unexpected argument %q", set.Arg(0))
	}
	return f, nil
}

// server is what ends: cleanly first, since a kept directory is to be used again.
type server interface {
	Stop(ctx context.Context) error
	Close() error
}

func end(s server) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return errors.Join(s.Stop(ctx), s.Close())
}

func startKafka(ctx context.Context, f flags, stderr io.Writer) (*stack.Kafka, error) {
	o := f.options("kafka", stderr)
	o.HeapMB = f.heap
	if f.brokers == 3 {
		return stack.StartKafka3(ctx, o)
	}
	return stack.StartKafka(ctx, o)
}

func (f flags) options(name string, stderr io.Writer) stack.Options {
	o := stack.Options{Logf: func(format string, args ...any) { fmt.Fprintf(stderr, "stack: "+format+"\n", args...) }}
	if f.dir != "" {
		o.Dir = filepath.Join(f.dir, name)
	}
	return o
}
