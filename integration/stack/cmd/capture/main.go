// Command capture makes captured scenarios of the conformance suite again: it starts real servers, follows the
// recipes of integration/sources on them, and writes the events that the connectors wrote and the rows that SELECT
// gives.
//
//	go run ./integration/stack/cmd/capture -out integration/conformance/scenarios
//	go run ./integration/stack/cmd/capture -out /tmp/scenarios -only captured_isostring
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"

	"github.com/tidemark/tidemark/integration/sources"
	"github.com/tidemark/tidemark/integration/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "capture:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stderr io.Writer) (err error) {
	set := flag.NewFlagSet("capture", flag.ContinueOnError)
	set.SetOutput(stderr)
	out := set.String("out", "", "the folder that receives a folder a scenario")
	only := set.String("only", "", "a regular expression: only scenarios whose names match")
	if err := set.Parse(args); err != nil {
		return err
	}
	if *out == "" {
		return errors.New("-out is needed: the folder that receives the scenarios")
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	logf := func(format string, args ...any) { fmt.Fprintf(stderr, "capture: "+format+"\n", args...) }
	servers, end, err := start(ctx, stack.Options{Logf: logf})
	defer func() { err = errors.Join(err, end()) }()
	if err != nil {
		return err
	}
	captured := 0
	for _, r := range sources.Recipes() {
		if !wanted.MatchString(r.Name) {
			continue
		}
		if err := servers.Capture(ctx, r, *out); err != nil {
			return err
		}
		captured++
		logf("captured %s", r.Name)
	}
	if captured == 0 {
		return fmt.Errorf("no scenario's name matches %q", *only)
	}
	return nil
}

// start starts all servers. What did start ends with the function that it returns, also after an error.
func start(ctx context.Context, o stack.Options) (s sources.Servers, end func() error, err error) {
	var closers []io.Closer
	end = func() error {
		var errs []error
		for i := len(closers) - 1; i >= 0; i-- {
			errs = append(errs, closers[i].Close())
		}
		return errors.Join(errs...)
	}
	kafka, err := stack.StartKafka(ctx, o)
	if err != nil {
		return s, end, err
	}
	closers, s.Kafka = append(closers, kafka), kafka.Addr
	if s.Postgres, err = stack.StartPostgres(ctx, o); err != nil {
		return s, end, err
	}
	closers = append(closers, s.Postgres)
	if s.MariaDB, err = stack.StartMariaDB(ctx, o); err != nil {
		return s, end, err
	}
	closers = append(closers, s.MariaDB)
	o.Plugins = []string{"debezium-postgres", "debezium-mariadb"}
	if s.Connect, err = stack.StartConnect(ctx, kafka.Addr, o); err != nil {
		return s, end, err
	}
	closers = append(closers, s.Connect)
	return s, end, nil
}
