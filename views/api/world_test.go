package api_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/store"
)

// liveTable is a table over a real store, with everything around it set by the test.
type liveTable struct {
	table *tables.Table
	store *store.Store

	mu          sync.Mutex
	notReady    bool
	stale       bool // it can be read although it is not ready
	source      tables.SourcePosition
	documents   map[tables.Key]string
	pins        map[string]*store.Snapshot
	batches     []live.Batch
	asOf        map[uint64]*store.Snapshot
	taken       uint64
	slow        bool // batches never complete
	unwell      error
	changed     int // times that a document is said to have changed
	sound       int // documents that are still found although it is unwell
	dir         string
	feed        *changes.Feed
	awaited     func()        // called when somebody waits
	replaced    chan struct{} // closed when another generation is read
	generations live.Generations
	toSource    func(tables.Position) tables.Position // where positions of the feed are not the source's
}

func newLive(t testing.TB, tb *tables.Table) *liveTable {
	t.Helper()
	s, err := store.New(store.Options{Table: tb})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return &liveTable{
		table: tb, store: s, documents: map[tables.Key]string{}, pins: map[string]*store.Snapshot{},
		asOf: map[uint64]*store.Snapshot{}, dir: t.TempDir(), taken: 17, feed: changes.New(tables.Position{}, 1<<20),
	}
}

// put applies rows at the next offsets of partition 0. Values of strings are texts of their columns.
func (l *liveTable) put(t testing.TB, position tables.Position, rows ...[]any) {
	t.Helper()
	from := int64(0)
	if applied := l.store.Applied(); len(applied) > 0 {
		from = applied[0]
	}
	list := make([]store.Change, len(rows))
	for i, row := range rows {
		values := make([]tables.Value, len(l.table.Columns))
		for c, v := range row {
			values[c] = valueOf(t, l.table.Columns[c].Type, v)
		}
		var key []tables.Value
		for _, c := range l.table.KeyColumns() {
			key = append(key, values[c])
		}
		list[i] = store.Change{Offset: from + int64(i), Key: tables.EncodeKey(key...), Values: values}
	}
	if err := l.store.Apply(list, position); err != nil {
		t.Fatal(err)
	}
}

func valueOf(t testing.TB, typ tables.Type, v any) tables.Value {
	t.Helper()
	if v == nil {
		return tables.Value{}
	}
	out, err := tables.ParseText(typ, fmt.Sprint(v))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (l *liveTable) api() *live.Table {
	return &live.Table{Table: l.table, Reader: l, Pins: l, Progress: l, Batches: l, Changes: l, Generations: l.generations}
}

func (l *liveTable) Snapshot() *store.Snapshot { return l.store.Snapshot() }

func (l *liveTable) AsOf(_ context.Context, batch uint64) (*store.Snapshot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, ok := l.asOf[batch]; ok {
		return s, nil
	}
	return nil, live.ErrNoBatch
}

func (l *liveTable) Document(_ *store.Snapshot, key tables.Key) ([]byte, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.documents[key]
	changed := l.changed > 0
	l.changed--
	if l.sound--; l.sound >= 0 {
		return []byte(d), changed, nil
	}
	return []byte(d), changed, l.unwell
}

// failAfter lets n more documents be found.
func (l *liveTable) failAfter(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sound = n
}

func (l *liveTable) Pin(s *store.Snapshot) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := fmt.Sprintf("pin%d", len(l.pins))
	l.pins[id] = s
	return id
}

func (l *liveTable) Pinned(id string) (*store.Snapshot, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.pins[id]
	return s, ok
}

func (l *liveTable) unpin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.pins)
}

func (l *liveTable) Ready() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.notReady
}

func (l *liveTable) Readable() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.notReady || l.stale
}

func (l *liveTable) Status() live.Status {
	if l.Ready() {
		return live.Status{Done: 10, Total: 10, Memory: 4096}
	}
	return live.Status{Done: 3, Total: 10, Memory: 4096, Note: "reading the changelog"}
}

func (l *liveTable) Position(s *store.Snapshot) tables.Position { return s.Position() }

func (l *liveTable) Freshness(*store.Snapshot) live.Freshness {
	return live.Freshness{State: live.Fresh, Age: 12 * time.Millisecond}
}

func (l *liveTable) WaitPosition(ctx context.Context, p tables.Position) error {
	if l.awaited != nil {
		l.awaited()
	}
	over := func() bool {
		select {
		case <-l.replaced:
			return true
		default:
			return false
		}
	}
	err := l.until(ctx, func() bool { return over() || l.Snapshot().Position().Reaches(p) })
	if over() {
		return live.ErrReplaced
	}
	return err
}

func (l *liveTable) WaitSource(ctx context.Context, p tables.SourcePosition) error {
	return l.until(ctx, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.source.Kind == p.Kind && l.source.Compare(p) >= 0
	})
}

func (l *liveTable) Source() (tables.SourcePosition, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.source, l.source.Known()
}

func (l *liveTable) WaitPlace(ctx context.Context, p tables.Position) error {
	return l.WaitPosition(ctx, p)
}

func (l *liveTable) ToSource(p tables.Position) tables.Position {
	if l.toSource != nil {
		return l.toSource(p)
	}
	return p
}

func (l *liveTable) Place(source, _ tables.Position) (tables.Position, bool) {
	return source, l.toSource == nil
}

func (l *liveTable) until(ctx context.Context, done func() bool) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

func (l *liveTable) List() []live.Batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]live.Batch(nil), l.batches...)
}

func (l *liveTable) Take(context.Context) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unwell != nil {
		return 0, l.unwell
	}
	l.taken++
	return l.taken, nil
}

func (l *liveTable) Wait(ctx context.Context, id uint64) (live.Batch, error) {
	l.mu.Lock()
	slow := l.slow
	l.mu.Unlock()
	if slow {
		<-ctx.Done()
		return live.Batch{}, ctx.Err()
	}
	return batch(id), nil
}

func batch(id uint64) live.Batch {
	return live.Batch{
		ID: id, Cut: tables.Position{1204, 998}, Rows: 3, Changed: 2, Checksum: 0xabcdef, Took: 1500 * time.Millisecond,
		Started: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Bytes: 4096,
	}
}

func (l *liveTable) File(_ context.Context, id uint64) (string, error) {
	if id != 17 {
		return "", live.ErrNoBatch
	}
	return filepath.Join(l.dir, "17.parquet"), nil
}

// world is a server with tables.
type world struct {
	t      testing.TB
	addr   string
	api    *api.API
	tables map[string]*liveTable
	log    *bytes.Buffer
	mu     sync.Mutex
}

// noon is the time of every clock here.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// dice is randomness that is the same every time.
type dice struct{}

func (dice) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(i)
	}
	return len(b), nil
}

func newWorld(t testing.TB, change func(*api.Options), all ...*liveTable) *world {
	t.Helper()
	w := &world{t: t, tables: map[string]*liveTable{}, log: &bytes.Buffer{}}
	o := api.Options{
		Version: "test", Clock: noon, Random: dice{},
		Logger: slog.New(slog.NewTextHandler(lockedWriter{w}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, l := range all {
		w.tables[l.table.Name] = l
		o.Tables = append(o.Tables, l.api())
	}
	if change != nil {
		change(&o)
	}
	h, err := api.New(o)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(nil)
	s.Config = api.NewServer(h)
	s.Start()
	t.Cleanup(s.Close)
	w.api, w.addr = h, s.Listener.Addr().String()
	return w
}

type lockedWriter struct{ w *world }

func (l lockedWriter) Write(b []byte) (int, error) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	return l.w.log.Write(b)
}

func (w *world) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

// do sends a request as it is written, byte for byte: no client cleans the path.
func (w *world) do(method, target, body string, header ...string) (*http.Response, string) {
	w.t.Helper()
	return w.doAs("tidemark.test", method, target, body, header...)
}

// doAs is do at a host of that name.
func (w *world) doAs(host, method, target, body string, header ...string) (*http.Response, string) {
	w.t.Helper()
	conn, err := net.Dial("tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", method, target, host)
	for _, h := range header {
		b.WriteString(h + "\r\n")
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	// a server that answers before it has read everything may close on us: its answer counts
	_, _ = io.WriteString(conn, b.String()+"\r\n"+body)
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		w.t.Fatalf("%s %.80s: %v", method, target, err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatalf("%s %.80s: %v", method, target, err)
	}
	return res, string(got)
}

// get returns the body of an answer, which must have the status.
func (w *world) get(status int, target string, header ...string) string {
	w.t.Helper()
	res, body := w.do("GET", target, "", header...)
	if res.StatusCode != status {
		w.t.Fatalf("GET %s: %s, want %d: %s", target, res.Status, status, body)
	}
	return body
}
