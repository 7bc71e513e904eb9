package rows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"github.com/tidemark/tidemark/integration/bench/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/store"
)

// ClientCommand is the first argument of a process that runs Client.
const ClientCommand = "store-client"

// Client asks a server for rows and writes the rate to out. It is a process of its own, so
// that the server does not share its heap and its scheduler with it.
func Client(args []string, out io.Writer) error {
	if len(args) != 4 {
		return errors.New("want an address, a path, the number of values and a time")
	}
	values, err1 := strconv.Atoi(args[2])
	spent, err2 := time.ParseDuration(args[3])
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	before, after := args[1], ""
	for i := range before {
		if before[i] == '*' {
			before, after = before[:i], before[i+1:]
			break
		}
	}
	r, err := wire.Load{Addr: args[0], Connections: connections, Time: spent, Missing: true, Path: func(dst []byte, connection, n int) []byte {
		d := dice(connection<<32 | n)
		return append(strconv.AppendInt(append(dst, before...), d.below(values), 10), after...)
	}}.Run()
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(r)
}

// load is what a client asks for: a path with a number below values in the place of its star.
type load struct {
	addr, path string
	values     int
}

// client runs Client in a process.
func (b *Bench) client(ctx context.Context, l load) (r wire.Rate, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	c := exec.CommandContext(ctx, self, ClientCommand, l.addr, l.path, strconv.Itoa(l.values), (b.round() / 2).String())
	c.Stderr = b.Talk
	text, err := c.Output()
	if err != nil {
		return r, fmt.Errorf("client of %s: %w", l.path, err)
	}
	return r, json.Unmarshal(text, &r)
}

// serve serves a handler on loopback until stop is called.
func serve(h http.Handler) (addr string, stop func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s := api.NewServer(h)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	return l.Addr().String(), func() error {
		err := s.Close()
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}, nil
}

// overHTTP measures lookups and pages over HTTP, in turn with a bare handler.
func (b *Bench) overHTTP(ctx context.Context, w *world) (err error) {
	h, err := api.New(api.Options{Tables: []*live.Table{{Table: w.table, Reader: w, Pins: w, Progress: w, Batches: w}}})
	if err != nil {
		return err
	}
	addr, stop, err := serve(h)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	lookup, page := "/v1/tables/orders/rows/*", "/v1/tables/orders/rows?customer_id=eq.*&order=created_at.desc&limit=10"
	body, err := get("http://" + addr + "/v1/tables/orders/rows/4711")
	if err != nil {
		return err
	}
	bare := mux.NewRouter()
	bare.HandleFunc("/v1/tables/{table}/rows/{key}", func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "application/json")
		_, _ = out.Write(body) // a client that went away is its own affair
	}).Methods(http.MethodGet)
	bareAddr, stopBare, err := serve(bare)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopBare()) }()
	b.direct(w, h, bare)
	fmt.Fprintf(b.Out, "\n### Over HTTP: %d rows, %d keep-alive connections, the load generator on the same cores\n\n", w.rows, connections)
	fmt.Fprintln(b.Out, "CPU is the server's, for one request.")
	fmt.Fprintln(b.Out, "\n| round | bare handler, requests/s | CPU | lookup, requests/s | CPU | ratio (goal 0.9) | sort key, 10 rows, requests/s (goal 20,000) | CPU | its p99 |\n|---|---|---|---|---|---|---|---|---|")
	asked := []load{{bareAddr, lookup, w.rows}, {addr, lookup, w.rows}, {addr, page, w.rows / perCustomer}}
	for round := range b.HTTPRounds {
		r, spent := make([]wire.Rate, len(asked)), make([]time.Duration, len(asked))
		for i, l := range asked {
			before := cpu()
			if r[i], err = b.client(ctx, l); err != nil {
				return err
			}
			spent[i] = (cpu() - before) / time.Duration(max(r[i].Requests, 1))
		}
		fmt.Fprintf(b.Out, "| %d | %.0f | %s | %.0f | %s | %.2f | %.0f | %s | %s |\n", round+1, r[0].PerSecond, show(spent[0]),
			r[1].PerSecond, show(spent[1]), r[1].PerSecond/r[0].PerSecond, r[2].PerSecond, show(spent[2]), show(r[2].P99))
	}
	return nil
}

func get(url string) ([]byte, error) {
	r, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", url, r.Status, body)
	}
	return body, err
}

// The world behind the API: a table that is always fresh and whose batches are not asked for.

func (w *world) Snapshot() *store.Snapshot { return w.store.Snapshot() }

func (w *world) AsOf(context.Context, uint64) (*store.Snapshot, error) { return nil, live.ErrNoBatch }

func (w *world) Document(*store.Snapshot, tables.Key) ([]byte, bool, error) { return nil, false, nil }

func (w *world) Pin(s *store.Snapshot) string { return s.ETag() }

func (w *world) Pinned(id string) (*store.Snapshot, bool) {
	s := w.store.Snapshot()
	return s, s.ETag() == id
}

func (w *world) Ready() bool { return true }

func (w *world) Readable() bool { return true }

func (w *world) Status() live.Status { return live.Status{Memory: w.store.Memory().Total()} }

func (w *world) Position(s *store.Snapshot) tables.Position { return s.Position() }

func (w *world) Freshness(*store.Snapshot) live.Freshness { return live.Freshness{State: live.Fresh} }

func (w *world) WaitPosition(context.Context, tables.Position) error { return nil }

func (w *world) WaitSource(context.Context, tables.SourcePosition) error { return nil }

func (w *world) Source() (tables.SourcePosition, bool) { return tables.SourcePosition{}, false }

func (w *world) WaitPlace(context.Context, tables.Position) error { return nil }

func (w *world) ToSource(p tables.Position) tables.Position { return p }

func (w *world) Place(source, _ tables.Position) (tables.Position, bool) { return source, true }

func (w *world) List() []live.Batch { return nil }

func (w *world) Take(context.Context) (uint64, error) { return 0, live.ErrUnavailable }

func (w *world) Wait(context.Context, uint64) (live.Batch, error) {
	return live.Batch{}, live.ErrNoBatch
}

func (w *world) File(context.Context, uint64) (string, error) { return "", live.ErrNoBatch }
