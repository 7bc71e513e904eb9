package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/tidemark/tidemark/cmd/tidemark/demo/load"
	"github.com/tidemark/tidemark/integration/bench/wire"
	"github.com/tidemark/tidemark/views/api"
)

const (
	constantCommand   = "constant-server"
	lookupKeys        = 200_000
	lookupConnections = 32
	lookupRound       = 5 * time.Second
	lookupRounds      = 3
)

// runConstant serves the bytes of a file under the lookup's route: a bare handler.
func runConstant(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("want an address and a file")
	}
	body, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	r := mux.NewRouter()
	r.HandleFunc("/v1/tables/{table}/rows/{key}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body) // a client that went away is its own affair
	}).Methods(http.MethodGet)
	s := api.NewServer(r) // the same limits: what differs is the handler
	s.Addr = args[0]
	go func() {
		<-ctx.Done()
		s.Close()
	}()
	if err := s.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// lookup compares a lookup by key with a bare handler that answers a constant of
// the same size, in turn, under the same load generator.
func (b *bench) lookup(ctx context.Context) error {
	const topic = "lookup.public.orders"
	if err := b.fill(ctx, topic, load.NewOrders(load.Options{Seed: 3, Keys: lookupKeys}), lookupKeys, lookupKeys); err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "lookup")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	t := load.Orders(topic)
	t.Name = "looked"
	p, err := b.tidemark(ctx, t, []string{"processor", "view"}, dir)
	if err != nil {
		return err
	}
	if err := p.ready(ctx); err != nil {
		return err
	}
	// Behind a batch, as most rows are most of the time.
	if err := p.call(ctx, http.MethodPost, "/v1/tables/looked/batches?wait=30s", http.StatusCreated, nil); err != nil {
		return err
	}
	bare, err := b.constant(ctx, p.url+"/v1/tables/looked/rows/4711")
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\n### Key lookup over HTTP: %d keep-alive connections, %d rows\n\n", lookupConnections, lookupKeys)
	fmt.Fprintln(b.out, "| round | bare handler req/s | tidemark req/s | ratio (goal >= 0.9) |\n|---|---|---|---|")
	for round := range lookupRounds {
		plain, err := hammer(bare.url)
		if err != nil {
			return err
		}
		ours, err := hammer(p.url)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "| %d | %.0f | %.0f | %.2f |\n", round+1, plain, ours, ours/plain)
	}
	_, err1 := bare.stop(time.Now())
	_, err2 := p.stop(time.Now())
	return errors.Join(err1, err2)
}

// constant starts the bare handler with the body that the url answers.
func (b *bench) constant(ctx context.Context, url string) (*process, error) {
	r, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s %w", url, r.Status, err)
	}
	path := filepath.Join(b.dir, "constant.json")
	if err := os.WriteFile(path, body, 0o600); err != nil {
		return nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := b.start(ctx, self, constantCommand, addr, path)
	if err != nil {
		return nil, err
	}
	p.url = "http://" + addr
	return p, poll(ctx, 10*time.Second, func() (bool, error) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return false, nil
		}
		return true, c.Close()
	})
}

// hammer asks for rows of all keys for one round, and returns requests per second.
func hammer(url string) (float64, error) {
	r, err := wire.Load{
		Addr: strings.TrimPrefix(url, "http://"), Connections: lookupConnections, Time: lookupRound,
		Path: func(dst []byte, connection, n int) []byte {
			dst = append(dst, "/v1/tables/looked/rows/"...)
			return strconv.AppendInt(dst, int64((connection*6151+n*7919)%lookupKeys), 10)
		},
	}.Run()
	return r.PerSecond, err
}
