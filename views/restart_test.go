package views_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/views"
)

// The test binary is also a process with a view, for tests that kill it.
const (
	childBroker = "TIDEMARK_TEST_VIEW_BROKER"
	childDir    = "TIDEMARK_TEST_VIEW_DIR"
	childLimit  = "TIDEMARK_TEST_VIEW_LIMIT" // bytes that a file may have until SIGUSR1: a disk that is full
)

func TestMain(m *testing.M) {
	if addr := os.Getenv(childBroker); addr != "" {
		os.Exit(child(addr, os.Getenv(childDir)))
	}
	os.Exit(m.Run())
}

// child runs a view and says when it is ready.
func child(addr, dir string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	v, err := views.New(views.Options{
		Table: orders(), Kafka: kafka.Settings{Brokers: []string{addr}}, Dir: dir, PollEvery: 20 * time.Millisecond,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if text := os.Getenv(childLimit); text != "" {
		if err := limitFiles(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	go func() {
		if v.WaitPosition(ctx, nil) != nil {
			return
		}
		fmt.Println("running")
		note := ""
		for range time.Tick(5 * time.Millisecond) {
			now := fmt.Sprintf("%s; %d rows", v.Status().Note, v.Snapshot().Rows())
			if now != note {
				note = now
				fmt.Println(note)
			}
		}
	}()
	if err := v.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// limitFiles bounds the size of the process's files until it gets SIGUSR1.
func limitFiles(text string) error {
	var full, free syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &free); err != nil {
		return err
	}
	full.Max = free.Max
	if _, err := fmt.Sscan(text, &full.Cur); err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ) // writing is an error instead
	freed := make(chan os.Signal, 1)
	signal.Notify(freed, syscall.SIGUSR1)
	go func() {
		<-freed
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &free); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full)
}

// process starts a child over a data directory and returns what kills it.
func (w *world) process(dir string) (kill func()) {
	kill, _, _ = w.child(dir)
	return kill
}

// child starts a child and returns its further output too.
func (w *world) child(dir string, env ...string) (kill func(), process *os.Process, lines *bufio.Reader) {
	w.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childBroker+"="+w.settings.Brokers[0], childDir+"="+dir), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	ended := false
	kill = func() {
		if ended {
			return
		}
		ended = true
		_ = cmd.Process.Kill()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait() // killed
	}
	w.t.Cleanup(kill)
	lines = bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != "running\n" {
		w.t.Fatalf("the process says %q, %v", line, err)
	}
	return kill, cmd.Process, lines
}

// TestKillAtAnyPoint kills a process with a view at random moments of random
// changes and batches. What comes after continues from what it left.
func TestKillAtAnyPoint(t *testing.T) {
	w, d := newWorld(t, 2), dice(t)
	witness := w.view(t.TempDir()).ready()
	dir := t.TempDir()
	for range 8 {
		kill := w.process(dir)
		w.random(d, 20+d.IntN(60))
		w.takeBatch()
		w.random(d, d.IntN(30))
		if d.IntN(2) == 0 { // let it seal and write, or be killed on the way
			deadline := time.Now().Add(time.Duration(d.IntN(300)) * time.Millisecond)
			await(t, "the moment to kill it", func() bool { return time.Now().After(deadline) })
		}
		kill()
	}
	v := w.view(dir).ready()
	v.is(w)
	id := w.takeBatch()
	b, _ := v.sealed(id)
	if other, _ := witness.sealed(id); other.Checksum != b.Checksum || other.Rows != b.Rows {
		t.Errorf("batch %d: %+v, the witness has %+v", id, b, other)
	}
	if n := v.metric("tidemark_view_set_aside_total"); n != 0 {
		t.Errorf("%v files were set aside after kills", n)
	}
	if got := v.Status().Origin; got != "batch file" && got != "snapshot topic" {
		t.Errorf("the rows came from the %s", got)
	}
}

func TestRestartGoesOnFromTheBatchFile(t *testing.T) {
	w, d := newWorld(t, 2), dice(t)
	v := w.view(t.TempDir()).ready()
	w.random(d, 80)
	v.sealed(w.takeBatch())
	w.random(d, 80)
	v.is(w)
	v.stop()
	w.random(d, 80) // rows that are gone meanwhile must go here too
	v = w.view(v.dir).ready()
	v.is(w)
	s := v.Status()
	if s.Origin != "batch file" || s.Batch != 1 {
		t.Errorf("status %+v, want an origin of batch file 1", s)
	}
	if s.Total >= 240 || s.Done != s.Total {
		t.Errorf("read %d of %d records, want only those since the batch", s.Done, s.Total)
	}
	if n := v.metric("tidemark_view_stale_records_total"); n != 0 {
		t.Errorf("%v records of the replayed stretch were held for stale", n)
	}
	v.sealed(w.takeBatch())
	v.is(w)
}

func TestRestartWithoutABatchGoesOnFromTheRowsOnDisk(t *testing.T) {
	w, d := newWorld(t, 2), dice(t)
	v := w.view(t.TempDir()).ready()
	w.random(d, 80)
	v.is(w)
	v.stop()
	w.random(d, 40)
	v = w.view(v.dir).ready()
	v.is(w)
	if s := v.Status(); s.Origin != "rows on disk" || s.Total > 40 {
		t.Errorf("status %+v, want an origin of rows on disk and at most 40 records", s)
	}
	v.sealed(w.takeBatch())
	v.is(w)
}

func TestWipedDirectoryComesFromTheSnapshotTopic(t *testing.T) {
	w, d := newWorld(t, 2), dice(t)
	w.random(d, 80)
	w.takeBatch()
	w.random(d, 30)
	v := w.view(t.TempDir()).ready()
	v.is(w)
	if s := v.Status(); s.Origin != "snapshot topic" || s.Batch != 1 || s.Total > 30 {
		t.Errorf("status %+v, want an origin of batch 1 in the snapshot topic and at most 30 records", s)
	}
	v.sealed(1)
	for id := range w.want() {
		doc, found, err := v.Document(key(id))
		if err != nil || !found || !strings.Contains(string(doc), fmt.Sprintf(`"id":%d,`, id)) {
			t.Errorf("document of %d: %s, %v, %v", id, doc, found, err)
		}
	}
}

// TestDamagedFiles damages what a view has on disk while it is away.
func TestDamagedFiles(t *testing.T) {
	for name, c := range map[string]struct {
		glob   string
		damage func(path string) error
		origin string
		aside  float64
	}{
		"batch file cut short":   {"batches/2.parquet", func(p string) error { return os.Truncate(p, 100) }, "batch file", 1},
		"batch manifest missing": {"batches/2.json", os.Remove, "batch file", 0},
		"batch manifest is junk": {"batches/2.json", junk, "batch file", 0},
		"rows manifest is junk":  {"rows/*/MANIFEST-*", junk, "snapshot topic", 1},
		"rows gone":              {"rows", os.RemoveAll, "snapshot topic", 0},
		"current is junk":        {"rows/current", junk, "snapshot topic", 0},
		"batches gone":           {"batches", os.RemoveAll, "snapshot topic", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, d := newWorld(t, 2), dice(t)
			v := w.view(t.TempDir()).ready()
			for range 2 {
				w.random(d, 40)
				v.sealed(w.takeBatch())
			}
			w.random(d, 20)
			v.is(w)
			v.stop()
			paths, err := filepath.Glob(filepath.Join(v.dir, "orders", "view", c.glob))
			if err != nil || len(paths) == 0 {
				t.Fatal(paths, err)
			}
			for _, p := range paths {
				if err := c.damage(p); err != nil {
					t.Fatal(err)
				}
			}
			v = w.view(v.dir).ready()
			v.is(w)
			if got := v.Status().Origin; got != c.origin {
				t.Errorf("origin %q, want %q", got, c.origin)
			}
			if got := v.metric("tidemark_view_set_aside_total"); got != c.aside {
				t.Errorf("%v files were set aside, want %v", got, c.aside)
			}
			v.sealed(w.takeBatch())
			v.is(w)
		})
	}
}

// tabledRows is how many rows tabled makes.
const tabledRows = 200

// tabled stops a view whose rows on disk are all in LevelDB's tables, several blocks of
// them, with or without a batch.
func tabled(t *testing.T, w *world, batch bool) *running {
	t.Helper()
	d := dice(t)
	long := make([]byte, 1000)
	for id := range int64(tabledRows) {
		for i := range long {
			long[i] = byte('a' + d.IntN(26))
		}
		w.event(0, id, string(long), id)
	}
	v := w.view(t.TempDir()).ready()
	if batch {
		v.sealed(w.takeBatch())
	}
	v.is(w)
	v.stop()
	v = w.view(v.dir).ready() // the journal becomes a table
	v.stop()
	return v
}

// damageTables turns over a part in the middle of each of LevelDB's tables.
func damageTables(t *testing.T, dir string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "orders", "view", "rows", "*", "*.ldb"))
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for i := len(b) / 2; i < len(b)*6/10; i++ {
			b[i] ^= 0xff
		}
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// LevelDB's tables are only read when they are needed: by the load of rows, or by the
// read of a document.

func TestDamagedTableIsFoundByALoad(t *testing.T) {
	w := newWorld(t, 1)
	v := tabled(t, w, false)
	damageTables(t, v.dir)
	v = w.view(v.dir).ready()
	v.is(w)
	if got := v.metric("tidemark_view_set_aside_total"); got != 1 {
		t.Errorf("%v files were set aside, want 1", got)
	}
}

func TestDamagedTableIsFoundByARead(t *testing.T) {
	w := newWorld(t, 1)
	v := tabled(t, w, true)
	damageTables(t, v.dir)
	v = w.view(v.dir).ready()
	v.is(w)
	read := func() (failed int) {
		for id := range int64(tabledRows) {
			if doc, found, err := v.Document(key(id)); err != nil || !found || len(doc) == 0 {
				failed++
			}
		}
		return failed
	}
	if read() == 0 {
		t.Error("all documents were read from a damaged table")
	}
	await(t, "the rows to be built again", func() bool { return read() == 0 })
	if got := v.metric("tidemark_view_rebuilds_total"); got != 1 {
		t.Errorf("rows were built again %v times, want once", got)
	}
	w.event(0, 0, "there", 1)
	v.is(w)
}

func junk(path string) error { return os.WriteFile(path, []byte("this is not what was here"), 0o600) }

// TestFullDisk has a view that can write no more, and later can again: reads continue
// meanwhile, the view says what is wrong, and nothing is missing in the end.
func TestFullDisk(t *testing.T) {
	w := newWorld(t, 1)
	kill, process, lines := w.child(t.TempDir(), childLimit+"=16384")
	said := func(text string) {
		t.Helper()
		found := make(chan string, 1)
		go func() {
			for {
				line, err := lines.ReadString('\n')
				if err != nil || strings.Contains(line, text) {
					found <- line
					return
				}
			}
		}()
		select {
		case line := <-found:
			if !strings.Contains(line, text) {
				t.Fatalf("the process ended with %q, without saying %q", line, text)
			}
		case <-time.After(patience):
			kill()
			t.Fatalf("the process did not say %q", text)
		}
	}
	for id := range int64(400) {
		w.event(0, id, fmt.Sprintf("status of %d that takes some room", id*7919), id)
	}
	said("file too large")
	if err := process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	said("; 400 rows")
	w.event(0, 1000, "new", 1)
	said("; 401 rows")
}
