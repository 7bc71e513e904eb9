package damage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestDamagedFilesNeverMakeAWrongRow lets a process be killed over and over. Each time one
// file of every partition's state, and one of the view, is damaged; then a part of the rows
// is changed by events that leave values out, a batch is taken, and the rows of the process
// and of a healthy replica, and those of the batch, are compared with the fold.
// TIDEMARK_DAMAGES says how many files are damaged in all; `make damage` damages 2,000.
func TestDamagedFilesNeverMakeAWrongRow(t *testing.T) {
	want := 3 * partitions
	if s := os.Getenv("TIDEMARK_DAMAGES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		want = n
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("TIDEMARK_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	t.Logf("TIDEMARK_SEED=%d", seed)
	d := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t)
	w.change(d, 2*keys, false)
	healthy := w.view(t.TempDir())
	live := w.start(t.TempDir())
	w.compare(live, healthy)
	done, wrong := 0, 0
	for round := 0; done < want && !t.Failed(); round++ {
		w.change(d, keys/4, true)
		w.waitFor(live) // so that the journals have something
		next := filepath.Join(t.TempDir(), "killed")
		live.kill(next)
		var said []string
		for p := range partitions {
			if s := injure(t, filepath.Join(next, "processor", strconv.Itoa(p)), d); s != "" {
				said = append(said, s)
			}
		}
		if s := injure(t, filepath.Join(next, table), d); s != "" {
			said = append(said, s)
		}
		done += len(said)
		live = w.start(next)
		w.change(d, keys/8, true)
		if w.compare(live, healthy); t.Failed() {
			wrong++
			for _, s := range said {
				t.Log(s)
			}
		}
	}
	t.Logf("%d damages, %d rounds wrong", done, wrong)
}

// compare takes a batch and compares everything with the fold.
func (w *world) compare(live, healthy *process) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	w.waitFor(live)
	want := w.rows()
	id := w.batch(ctx)
	for name, p := range map[string]*process{"the process": live, "the healthy replica": healthy} {
		if err := p.view.WaitPosition(ctx, w.position()); err != nil {
			w.t.Errorf("%s: %v; status %+v", name, err, p.view.Status())
			continue
		}
		if _, err := p.view.WaitBatch(ctx, id); err != nil {
			w.t.Errorf("%s: batch %d: %v; status %+v", name, id, err, p.view.Status())
			continue
		}
		if diff := cmp.Diff(want, p.rows()); diff != "" {
			w.t.Errorf("%s (-fold +rows):\n%s", name, diff)
		}
		batch, err := p.view.AsOf(ctx, id)
		if err != nil {
			w.t.Errorf("%s: batch %d: %v", name, id, err)
			continue
		}
		if diff := cmp.Diff(want, rowsOf(w.t, batch)); diff != "" {
			w.t.Errorf("batch %d of %s (-fold +rows):\n%s", id, name, diff)
		}
		if s := p.view.Status(); s.Disputed != 0 {
			w.t.Errorf("%s: batch %d is in dispute", name, s.Disputed)
		}
	}
	if w.t.Failed() {
		fmt.Fprintln(os.Stderr, "the fold has", len(want), "rows")
	}
}
