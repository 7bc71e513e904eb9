package store

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/persist"
)

// sealed returns a batch of n rows and the table that it is of.
func sealed(t *testing.T, id uint64, n int) (*Batch, *tables.Table) {
	t.Helper()
	tr := newTrial(t, 7)
	t.Cleanup(tr.store.Close)
	tr.ids = n
	for id := range n {
		key, values := tr.row(id)
		values[7] = []tables.Value{
			tables.DateValue(tables.DateInfinity), tables.DateValue(tables.DateNegInfinity), tables.DateValue(math.MaxInt32 + 1),
			tables.DateValue(0), {}, tables.UnavailableValue(),
		}[id%6]
		c := Change{Offset: -1, Key: key, Values: values}
		tr.model.apply(c)
		if err := tr.store.Apply([]Change{c}, nil); err != nil {
			t.Fatal(err)
		}
	}
	b, err := tr.store.Seal(context.Background(), Cut{
		Batch: id, Changelog: []int64{5}, Source: tables.Position{4}, Rows: int64(n), Checksum: tr.model.checksum(), Started: int64(id) * 1e6,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b, tr.table
}

func TestBatchFileKeepsEveryValue(t *testing.T) {
	b, table := sealed(t, 3, 2500)
	dir := filepath.Join(t.TempDir(), "batches")
	if _, err := WriteBatch(context.Background(), dir, b); err != nil {
		t.Fatal(err)
	}
	got, err := OpenBatch(context.Background(), dir, 3, table)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Changelog, b.Changelog) || !slices.Equal(got.Source, b.Source) || got.Checksum != b.Checksum {
		t.Fatalf("cut is %+v, want %+v", got.Cut, b.Cut)
	}
	for col := range table.Columns {
		for row := range b.base.Rows {
			if g, w := got.base.Cols[col].Value(row), b.base.Cols[col].Value(row); g != w {
				t.Fatalf("column %s, row %d: %v, want %v", table.Columns[col].Name, row, g, w)
			}
		}
	}
}

func TestDamagedBatchFilesAreRefused(t *testing.T) {
	b, table := sealed(t, 3, 100)
	for name, damage := range map[string]func(rows, manifest string) error{
		"one byte differs": func(rows, _ string) error {
			text, err := os.ReadFile(rows)
			if err != nil {
				return err
			}
			text[len(text)/2] ^= 1
			return os.WriteFile(rows, text, 0o644)
		},
		"the end is missing":      func(rows, _ string) error { return os.Truncate(rows, 1000) },
		"the rows are missing":    func(rows, _ string) error { return os.Remove(rows) },
		"the manifest is cut":     func(_, manifest string) error { return os.Truncate(manifest, 40) },
		"the manifest is no JSON": func(_, manifest string) error { return os.WriteFile(manifest, []byte("x"), 0o644) },
		"the manifest is of other": func(_, manifest string) error {
			return os.WriteFile(manifest, []byte(`{"version":1,"batch":9}`), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path, err := WriteBatch(context.Background(), dir, b)
			if err != nil {
				t.Fatal(err)
			}
			if err := damage(path, strings.TrimSuffix(path, ".parquet")+".json"); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenBatch(context.Background(), dir, 3, table); !errors.Is(err, persist.ErrCorrupt) {
				t.Fatalf("OpenBatch: %v, want ErrCorrupt", err)
			}
			if err := persist.SetAside(dir, 3); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenBatch(context.Background(), dir, 3, table); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("OpenBatch of a batch set aside: %v, want ErrNotExist", err)
			}
		})
	}
}

func TestBatchFileOfAnotherDeclarationIsRefused(t *testing.T) {
	b, table := sealed(t, 3, 10)
	dir := t.TempDir()
	if _, err := WriteBatch(context.Background(), dir, b); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*tables.Table){
		"column":   func(t *tables.Table) { t.Columns = t.Columns[:13] },
		"sort key": func(t *tables.Table) { t.SortKey = append(t.SortKey, "c13") },
	} {
		other := *table
		change(&other)
		if _, err := OpenBatch(context.Background(), dir, 3, &other); !errors.Is(err, persist.ErrOtherTable) {
			t.Errorf("another %s: %v, want ErrOtherTable", name, err)
		}
	}
}

// A manifest that another version of the program has written makes its rows no leftover.
func TestRowsWithAManifestOfALaterVersionAreKept(t *testing.T) {
	b, _ := sealed(t, 2, 10)
	dir := t.TempDir()
	if _, err := WriteBatch(context.Background(), dir, b); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"1.json": `{"version": 2}`, "1.parquet": "rows"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if removed, err := persist.Prune(dir, tables.BatchPolicy{KeepLast: 1}, time.Now()); err != nil || len(removed) > 0 {
		t.Fatalf("batches %v were removed, %v", removed, err)
	}
	if text, err := os.ReadFile(persist.Path(dir, 1)); err != nil || string(text) != "rows" {
		t.Fatalf("the rows are %q, %v", text, err)
	}
}

func TestRetentionIsByCountAndAge(t *testing.T) {
	b, _ := sealed(t, 1, 10)
	dir := t.TempDir()
	for id := uint64(1); id <= 6; id++ {
		next := *b
		next.Batch, next.Started = id, int64(id)*time.Hour.Microseconds()
		if _, err := WriteBatch(context.Background(), dir, &next); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"2.parquet.partial", "0.parquet", "7.parquet.partial"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	at := time.UnixMicro(6 * time.Hour.Microseconds())
	for _, step := range []struct {
		last int
		age  time.Duration
		at   time.Time
		want []uint64
	}{
		{2, 3 * time.Hour, at, []uint64{6, 5, 4, 3}},
		{3, 0, at, []uint64{6, 5, 4}},
		{0, 0, at.Add(time.Hour * 1e5), []uint64{6}},
	} {
		if _, err := persist.Prune(dir, tables.BatchPolicy{KeepLast: step.last, KeepFor: step.age}, step.at); err != nil {
			t.Fatal(err)
		}
		all, err := persist.List(dir)
		if err != nil {
			t.Fatal(err)
		}
		var got []uint64
		for _, f := range all {
			got = append(got, f.Batch)
		}
		if !slices.Equal(got, step.want) {
			t.Fatalf("keep last %d and %v: batches %v, want %v", step.last, step.age, got, step.want)
		}
	}
	var names []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{"6.json", "6.parquet", "7.parquet.partial"}; !slices.Equal(names, want) {
		t.Fatalf("files %v, want %v", names, want)
	}
}
