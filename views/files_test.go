package views

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
)

// filed is a session whose batches are told and sealed.
func filed(t *testing.T) (*writer, func(id uint64) filing) {
	t.Helper()
	w := written(t, tables.Position{0}, tables.Position{0}, rows.Position{})
	w.s.v.batches.Reset(1)
	return w, func(id uint64) filing {
		t.Helper()
		sealed, err := w.s.store.Seal(t.Context(), store.Cut{Batch: id, Changelog: []int64{0}, Unproven: true})
		if err != nil {
			t.Fatal(err)
		}
		return filing{Batch{ID: id}, sealed}
	}
}

// A batch whose writing ends with an attempt of the view is written in the next one.
func TestABatchIsWrittenThoughAnAttemptEnds(t *testing.T) {
	w, seal := filed(t)
	f := w.s.v.files
	f.add(seal(1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() {
		defer cancel()
		for {
			changed := w.s.v.batches.Watch()
			bytes, _ := w.s.v.batches.Held(1)
			written := bytes > 0
			if written {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	if err := f.run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.path(1)); err != nil {
		t.Error(err)
	}
	if _, more := f.next(); more {
		t.Error("it would be written again")
	}
}

// A batch that could not be written is held in memory until the next one is there, and
// not a moment longer.
func TestABatchThatCouldNotBeWrittenIsNotHeldBehindTheNext(t *testing.T) {
	w, seal := filed(t)
	v := w.s.v
	if err := os.MkdirAll(v.files.path(1), 0o750); err != nil { // in the place of the file
		t.Fatal(err)
	}
	first := seal(1)
	v.files.add(first)
	v.files.write(t.Context(), first)
	if v.batches.Failure(1) == nil {
		t.Fatal("the batch was written")
	}
	held := func(id uint64) bool {
		_, held := v.batches.Held(id)
		return held
	}
	if !held(1) {
		t.Error("the newest batch is in memory, and not held")
	}
	v.files.add(seal(2))
	if held(1) || !held(2) {
		t.Errorf("behind the next one: batch 1 is held: %v, batch 2: %v", held(1), held(2))
	}
}

// A start that ended before it had marked the directory of batches, or whose disk was full,
// leaves nothing that the next one would set aside in place of what was set aside before.
func TestADirectoryThatWasNeverMarkedIsNotSetAside(t *testing.T) {
	w, _ := filed(t)
	f, dir := w.s.v.files, w.s.v.o.batchesDir()
	kept := filepath.Join(dir+asideSuffix, "1.parquet")
	for _, path := range []string{kept, filepath.Join(dir, identityName+unfinishedSuffix)} {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("rows"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	env := w.s.env
	for range 2 {
		if err := f.claim(env); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(kept); err != nil || string(text) != "rows" {
		t.Errorf("what was set aside is %q, %v", text, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 1 {
		t.Errorf("the directory has %v, %v; want the mark alone", left, err)
	}
	env.Changelog.ID[0]++
	if err := f.claim(env); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(kept); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("batches of another changelog were not set aside: %v", err)
	}
}
