package batches

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/topics"
)

// filed are files of a store whose batches are reported and sealed.
func filed(t *testing.T) (*Files, func(id uint64) Filing) {
	t.Helper()
	table := &tables.Table{
		Name: "t", Key: []string{"id"},
		Columns: []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "v", Type: tables.Type{Kind: tables.String}}},
	}
	rows, err := store.New(store.Options{Table: table})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rows.Close)
	manifests := New(wire.Fingerprint(table))
	manifests.Reset(1)
	f := NewFiles(FilesOptions{
		Dir: filepath.Join(t.TempDir(), "batches"), Table: table, Manifests: manifests,
		Events: new(events.Listener).EnsureDefaults(), Clock: time.Now,
	})
	return f, func(id uint64) Filing {
		t.Helper()
		sealed, err := rows.Seal(t.Context(), store.Cut{Batch: id, Changelog: []int64{0}, Unproven: true})
		if err != nil {
			t.Fatal(err)
		}
		return Filing{Batch{ID: id}, sealed}
	}
}

// A batch whose writing ends with an attempt of the view is written in the next one.
func TestABatchIsWrittenThoughAnAttemptEnds(t *testing.T) {
	f, seal := filed(t)
	f.Add(seal(1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() {
		defer cancel()
		for {
			changed := f.o.Manifests.Watch()
			f.o.Manifests.mu.Lock()
			written := f.o.Manifests.sealed[1] > 0
			f.o.Manifests.mu.Unlock()
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
	if err := f.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.Path(1)); err != nil {
		t.Error(err)
	}
	if _, more := f.next(); more {
		t.Error("it would be written again")
	}
}

// A batch that could not be written is held in memory until the next one is there, and
// not a moment longer.
func TestABatchThatCouldNotBeWrittenIsNotHeldBehindTheNext(t *testing.T) {
	f, seal := filed(t)
	if err := os.MkdirAll(f.Path(1), 0o750); err != nil { // in the place of the file
		t.Fatal(err)
	}
	first := seal(1)
	f.Add(first)
	f.write(t.Context(), first)
	if f.o.Manifests.Failure(1) == nil {
		t.Fatal("the batch was written")
	}
	held := func(id uint64) bool {
		f.o.Manifests.mu.Lock()
		defer f.o.Manifests.mu.Unlock()
		_, held := f.o.Manifests.sealed[id]
		return held
	}
	if !held(1) {
		t.Error("the newest batch is in memory, and not held")
	}
	f.Add(seal(2))
	if held(1) || !held(2) {
		t.Errorf("behind the next one: batch 1 is held: %v, batch 2: %v", held(1), held(2))
	}
}

// A start that ended before it had marked the directory of batches, or whose disk was full,
// leaves nothing that the next one would set aside in place of what was set aside before.
func TestADirectoryThatWasNeverMarkedIsNotSetAside(t *testing.T) {
	f, _ := filed(t)
	dir := f.o.Dir
	kept := filepath.Join(dir+asideSuffix, "1.parquet")
	for _, path := range []string{kept, filepath.Join(dir, identityName+unfinishedSuffix)} {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("rows"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	var env topics.Set
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
