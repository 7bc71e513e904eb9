// Command stack runs the real servers for tests, benchmarks and work by hand. Without a command it prints
// their addresses as shell exports and runs until SIGINT or SIGTERM; a command is run with the addresses in
// its environment, and the servers end with it.
//
//	go run ./integration/stack/cmd/stack -postgres -connect
//	go run ./integration/stack/cmd/stack go test ./integration/...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/tidemark/tidemark/integration/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	var exit *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exit) && exit.Exited(): // it has said why
		os.Exit(exit.ExitCode())
	default:
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
	mariadb  bool
	connect  bool
	command  []string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	f, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	var up servers
	defer func() { err = errors.Join(err, up.end()) }()
	if err := up.start(ctx, f, stderr); err != nil {
		return err
	}
	if len(f.command) > 0 {
		return up.run(ctx, f.command, stdout, stderr)
	}
	for _, v := range up.variables {
		fmt.Fprintf(stdout, "export %s='%s'\n", v.name, v.value)
	}
	fmt.Fprintln(stderr, "stack: ready; SIGINT stops it")
	<-ctx.Done()
	return nil
}

func parse(args []string, stderr io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("stack", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Usage = func() {
		fmt.Fprintln(stderr, "usage: stack [flags] [command ...]")
		set.PrintDefaults()
	}
	set.StringVar(&f.dir, "dir", "", "keep data in this directory (default: a temporary one)")
	set.IntVar(&f.brokers, "brokers", 1, "number of Kafka brokers, 1 or 3")
	set.IntVar(&f.heap, "heap", 1024, "a broker's greatest heap in MiB")
	set.BoolVar(&f.postgres, "postgres", false, "start PostgreSQL too")
	set.BoolVar(&f.mariadb, "mariadb", false, "start MariaDB too")
	set.BoolVar(&f.connect, "connect", false, "start Kafka Connect with Debezium for these databases too")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	if f.brokers != 1 && f.brokers != 3 {
		return f, fmt.Errorf("-brokers is %d, want 1 or 3", f.brokers)
	}
	f.command = set.Args()
	return f, nil
}

func (f flags) options(name string, stderr io.Writer) stack.Options {
	// A command is a run of tests; what is started without one stays.
	o := stack.Options{Optimized: len(f.command) == 0, Logf: func(format string, args ...any) { fmt.Fprintf(stderr, "stack: "+format+"\n", args...) }}
	if f.dir != "" {
		o.Dir = filepath.Join(f.dir, name)
	}
	return o
}
