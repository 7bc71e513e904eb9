package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/demo"
	"github.com/tidemark/tidemark/cmd/tidemark/system"
)

// The size of the demo's shop. It belongs to the events: another size is another shop.
const (
	demoOrders    = 5000
	demoCustomers = 500
)

func (p *program) demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Try Tidemark without anything else",
		Long: `Runs two live tables, orders and customers, on a broker inside the process and with
made-up changes, and prints calls to copy. Its data is in one directory; stopped in
whatever way, it goes on where it was.`,
		Args: arguments,
	}
	dir := cmd.Flags().String("dir", "tidemark-demo", "where its data is kept, a `directory`")
	listen := cmd.Flags().String("listen", "127.0.0.1:8080", "where rows are served, a `host:port` of this machine")
	rate := cmd.Flags().Float64("rate", 50, "changes a second")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := p.demoConfiguration(*dir, *listen)
		if err != nil {
			return err
		}
		o := demo.Options{Orders: demoOrders, Customers: demoCustomers, Rate: *rate}
		if err := o.Validate(); err != nil {
			return usage(err)
		}
		p.tuneCollector()
		p.say("starting; data is in %s", *dir)
		err = system.Run(cmd.Context(), system.Options{
			Config: c, Version: thisBuild().Version, Logger: system.NewLogger(p.stderr, c.Log), Topics: demo.Topics(),
			Beside: func(ctx context.Context, at net.Addr) error { return p.runShop(ctx, c, o, "http://"+at.String()) },
		})
		if errors.Is(err, system.ErrInUse) {
			return fmt.Errorf("listen on %s: %w; stop what listens there, or choose another address with --listen", c.HTTP.Listen, system.ErrInUse)
		}
		return err
	}
	return cmd
}

// demoConfiguration writes the demo's configuration into its directory, for the
// other commands, and reads it as any other.
func (p *program) demoConfiguration(dir, listen string) (*config.Config, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the demo's directory: %w", err)
	}
	path := filepath.Join(dir, "tidemark.yaml")
	c, err := config.Parse(path, []byte(demo.Configuration(filepath.Join(dir, "data"), listen)), p.environment)
	if err != nil {
		return nil, usage(err)
	}
	if err := os.WriteFile(path, []byte(demo.Configuration(filepath.Join(dir, "data"), listen)), 0o644); err != nil {
		return nil, fmt.Errorf("write the demo's configuration: %w", err)
	}
	return c, nil
}

// runShop feeds the demo's topics and prints the calls once they can be answered.
func (p *program) runShop(ctx context.Context, c *config.Config, o demo.Options, base string) error {
	if err := embeddedConnection(c); err != nil {
		return err
	}
	o.Kafka = c.Kafka.Settings
	shop, err := demo.New(o)
	if err != nil {
		return err
	}
	defer shop.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- shop.Run(ctx) }()
	if err := awaitRows(ctx, base); err != nil {
		cancel()
		return errors.Join(err, <-failed)
	}
	p.invite(base, c.File, o.Rate)
	return <-failed
}

// awaitRows waits until both tables can be read and have the shop's first rows.
func awaitRows(ctx context.Context, base string) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if answers(ctx, base+"/readyz") && answers(ctx, base+"/v1/tables/orders/rows/42") && answers(ctx, base+"/v1/tables/customers/rows/42") {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func answers(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// invite prints the calls to copy. They are what the command is for: data.
func (p *program) invite(base, file string, rate float64) {
	out := p.stdout
	fmt.Fprintf(out, "Two live tables, orders and customers, are served at %s and change %g times a second.\n\n", base, rate)
	for _, call := range demo.Calls() {
		fmt.Fprintf(out, "# %s\n%s\n\n", call.Shows, call.Curl(base))
	}
	fmt.Fprintf(out, "# the same from the command line\ntidemark get orders 42 -c %s\ntidemark batch orders --wait -c %s\ntidemark check -c %s\n\n", file, file, file)
	fmt.Fprintf(out, "Stop it with Ctrl-C; started again, it continues where it was.\n")
}
