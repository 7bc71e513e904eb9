package rows_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
)

var identity = rows.Identity{Changelog: [16]byte{1}, Source: [16]byte{2}, Partitions: 2, Fingerprint: 7}

func open(t *testing.T, o rows.Options) *rows.DB {
	t.Helper()
	if o.Identity == (rows.Identity{}) {
		o.Identity = identity
	}
	d, err := rows.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func stateRow(text string, offset int64) []byte {
	return wire.AppendStateRow(nil, 7, &tables.Row{Values: []tables.Value{tables.StringValue(text)}, Offset: offset})
}

func write(t *testing.T, d *rows.DB, fill func(*rows.Batch)) {
	t.Helper()
	b := rows.NewBatch()
	fill(b)
	if err := d.Write(b); err != nil {
		t.Fatal(err)
	}
}

func TestRowsAndPositionsComeBack(t *testing.T) {
	dir := t.TempDir()
	d := open(t, rows.Options{Dir: dir})
	if _, any, err := d.Positions(); any || err != nil {
		t.Fatalf("positions of an empty DB: %v, %v", any, err)
	}
	write(t, d, func(b *rows.Batch) {
		b.Put(1, "a", stateRow("x", 5))
		b.Put(0, "b", stateRow("y", 6))
		b.Move(1, rows.Position{Changelog: 11, Source: 6})
	})
	write(t, d, func(b *rows.Batch) {
		b.Delete(0, "b", 7)
		b.Move(0, rows.Position{Changelog: 12, Source: 8})
	})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = open(t, rows.Options{Dir: dir})
	got, any, err := d.Positions()
	if err != nil || !any {
		t.Fatal(any, err)
	}
	want := []rows.Position{{Changelog: 12, Source: 8}, {Changelog: 11, Source: 6}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	row, partition, err := d.Row("a")
	if err != nil || partition != 1 || !bytes.Equal(row, stateRow("x", 5)) {
		t.Errorf("row a: %x of partition %d, %v", row, partition, err)
	}
	if row, _, err := d.Row("b"); row != nil || err != nil {
		t.Errorf("row b: %x, %v; want none", row, err)
	}
}

// TestKeysOfEveryFormAreRows stores rows whose keys look like what other storages keep
// beside the rows: they are rows like any other, and positions are no rows.
func TestKeysOfEveryFormAreRows(t *testing.T) {
	d := open(t, rows.Options{Dir: t.TempDir()})
	keys := []tables.Key{"__offset", "c", "i", "p\x00\x00\x00\x00", "p\x00\x00\x00\x01", "r", ""}
	write(t, d, func(b *rows.Batch) {
		b.Move(0, rows.Position{Changelog: 3, Source: 2})
		for i, k := range keys {
			b.Put(0, k, stateRow(string(k), int64(i)))
		}
	})
	seen := map[tables.Key]bool{}
	err := d.Scan(context.Background(), func(_ int32, k tables.Key, row []byte) error {
		seen[k] = bytes.Contains(row, []byte(k))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != len(keys) {
		t.Errorf("scan shows %d rows, want %d", len(seen), len(keys))
	}
	for _, k := range keys {
		if !seen[k] {
			t.Errorf("row %q is gone or another", k)
		}
	}
	got, _, err := d.Positions()
	if err != nil || got[0] != (rows.Position{Changelog: 3, Source: 2}) {
		t.Errorf("positions %v, %v", got, err)
	}
}

func TestNewestKnowsRowsAndDeletions(t *testing.T) {
	d := open(t, rows.Options{Dir: t.TempDir()})
	newest := func(partition int32, want int64) {
		t.Helper()
		if other, err := d.Newest(7, "k"); other != -1 || err != nil {
			t.Errorf("newest %d, %v in a partition that has nothing of the key", other, err)
		}
		if got, err := d.Newest(partition, "k"); got != want || err != nil {
			t.Errorf("newest %d, %v; want %d", got, err, want)
		}
	}
	newest(0, -1)
	write(t, d, func(b *rows.Batch) { b.Put(0, "k", stateRow("x", 5)) })
	newest(0, 5)
	newest(1, -1)
	write(t, d, func(b *rows.Batch) { b.Delete(1, "k", 8) })
	newest(1, 8)
	newest(0, -1)
	write(t, d, func(b *rows.Batch) { b.Put(0, "k", stateRow("x", 9)) })
	newest(0, 9)
	write(t, d, func(b *rows.Batch) { b.Delete(1, "k", 10) })
	if n, err := d.Prune(tables.Position{100, 10}); n != 0 || err != nil {
		t.Errorf("pruned %d, %v; the mark is not below its partition's cut", n, err)
	}
	newest(1, 10)
	if n, err := d.Prune(tables.Position{0, 11}); n != 1 || err != nil {
		t.Errorf("pruned %d, %v; want 1", n, err)
	}
	newest(1, -1)
}

// TestRowsOlderThanTombstonesAreSetAside opens a DB that was last current longer ago than tombstones are
// kept: its rows may have been deleted without a trace.
func TestRowsOlderThanTombstonesAreSetAside(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	d := open(t, rows.Options{Dir: dir, Clock: clock})
	write(t, d, func(b *rows.Batch) { b.Put(0, "k", stateRow("x", 5)) })
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	now = now.Add(6 * 24 * time.Hour)
	d = open(t, rows.Options{Dir: dir, Clock: clock, MaxAge: 7 * 24 * time.Hour})
	if err := d.Touch(); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	now = now.Add(6 * 24 * time.Hour) // twelve days since the row, six since the view was current
	d = open(t, rows.Options{Dir: dir, Clock: clock, MaxAge: 7 * 24 * time.Hour})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	now = now.Add(8 * 24 * time.Hour)
	_, err := rows.Open(rows.Options{Dir: dir, Identity: identity, Clock: clock, MaxAge: 7 * 24 * time.Hour})
	if !errors.Is(err, rows.ErrTooOld) || !rows.IsUnusable(err) {
		t.Errorf("open after eight days: %v, want ErrTooOld", err)
	}
}

func TestAnotherIdentityIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, rows.Options{Dir: dir}).Close(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*rows.Identity){
		"changelog recreated": func(i *rows.Identity) { i.Changelog[3]++ },
		"more partitions":     func(i *rows.Identity) { i.Partitions++ },
		"other columns":       func(i *rows.Identity) { i.Fingerprint++ },
	} {
		t.Run(name, func(t *testing.T) {
			id := identity
			change(&id)
			if _, err := rows.Open(rows.Options{Dir: dir, Identity: id}); !errors.Is(err, rows.ErrIdentity) {
				t.Errorf("open: %v, want ErrIdentity", err)
			}
		})
	}
	id := identity
	id.Changelog = [16]byte{} // an old broker gives no ids
	open(t, rows.Options{Dir: dir, Identity: id})
}

func TestCorruptDirectoryIsSetAside(t *testing.T) {
	g := rows.Generations{Dir: filepath.Join(t.TempDir(), "rows")}
	n, err := g.Next()
	if err != nil {
		t.Fatal(err)
	}
	d := open(t, rows.Options{Dir: g.Path(n)})
	write(t, d, func(b *rows.Batch) { b.Put(0, "k", stateRow("x", 5)) })
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := g.Publish(n); err != nil {
		t.Fatal(err)
	}
	manifests, err := filepath.Glob(filepath.Join(g.Path(n), "MANIFEST-*"))
	if err != nil || len(manifests) == 0 {
		t.Fatal(manifests, err)
	}
	for _, m := range manifests {
		if err := os.WriteFile(m, []byte("this is no manifest of a LevelDB at all"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := rows.Open(rows.Options{Dir: g.Path(n), Identity: identity}); !rows.IsUnusable(err) {
		t.Fatalf("open: %v, want an error that says corrupt", err)
	}
	if _, err := g.SetAside(n); err != nil {
		t.Fatal(err)
	}
	if cur, err := g.Current(); cur != 0 || err != nil {
		t.Errorf("current generation %d, %v; want none", cur, err)
	}
}

// TestDamagedJournal damages the journal that holds the newest rows. At its end,
// as a crash does, what was before counts; in the middle nothing does.
func TestDamagedJournal(t *testing.T) {
	const writes = 200
	for name, c := range map[string]struct {
		damage func(b []byte) []byte
		usable bool
	}{
		"whole":               {func(b []byte) []byte { return b }, true},
		"torn":                {func(b []byte) []byte { return b[:len(b)-40] }, true},
		"torn in a long way":  {func(b []byte) []byte { return b[:len(b)/3] }, true},
		"last bytes turned":   {func(b []byte) []byte { b[len(b)-20] ^= 0xff; return b }, true},
		"middle bytes turned": {func(b []byte) []byte { b[len(b)/3] ^= 0xff; return b }, false},
		"middle block zeroed": {func(b []byte) []byte { clear(b[32<<10 : 64<<10]); return b }, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			d := open(t, rows.Options{Dir: dir})
			for i := range int64(writes) {
				write(t, d, func(b *rows.Batch) {
					b.Put(0, tables.EncodeKey(tables.Int64Value(i)), stateRow(string(make([]byte, 1000)), i))
					b.Move(0, rows.Position{Changelog: i + 1, Source: i + 1})
				})
			}
			logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
			if err != nil || len(logs) != 1 {
				t.Fatal(logs, err)
			}
			journal, err := os.ReadFile(logs[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(logs[0], c.damage(journal), 0o600); err != nil {
				t.Fatal(err)
			}
			d, err = rows.Open(rows.Options{Dir: dir, Identity: identity})
			if !c.usable {
				if !rows.IsUnusable(err) {
					t.Errorf("open: %v, want an error that says corrupt", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			at, _, err := d.Positions()
			if err != nil {
				t.Fatal(err)
			}
			n := int64(0)
			err = d.Scan(context.Background(), func(int32, tables.Key, []byte) error { n++; return nil })
			if err != nil || n != at[0].Changelog {
				t.Errorf("%d rows at position %d, %v", n, at[0].Changelog, err)
			}
		})
	}
}

func TestGenerations(t *testing.T) {
	g := rows.Generations{Dir: filepath.Join(t.TempDir(), "rows")}
	if n, err := g.Current(); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	first, err := g.Next()
	if err != nil {
		t.Fatal(err)
	}
	d1 := open(t, rows.Options{Dir: g.Path(first)})
	if err := g.Publish(first); err != nil {
		t.Fatal(err)
	}
	second, err := g.Next()
	if err != nil {
		t.Fatal(err)
	}
	open(t, rows.Options{Dir: g.Path(second)})
	if n, err := g.Current(); n != first || err != nil {
		t.Errorf("current %d, %v while another is built; want %d", n, err, first)
	}
	if err := g.Publish(second); err != nil {
		t.Fatal(err)
	}
	if err := d1.Close(); err != nil {
		t.Fatal(err)
	}
	if err := g.Sweep(second); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(g.Path(first)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old generation is still there: %v", err)
	}
	if n, err := g.Current(); n != second || err != nil {
		t.Errorf("current %d, %v; want %d", n, err, second)
	}
}

func TestClosedRows(t *testing.T) {
	d := open(t, rows.Options{Dir: t.TempDir()})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Row("k"); !errors.Is(err, rows.ErrClosed) {
		t.Errorf("row of closed rows: %v", err)
	}
	if err := d.Write(rows.NewBatch()); !errors.Is(err, rows.ErrClosed) {
		t.Errorf("write to closed rows: %v", err)
	}
}

// Marks that are written again while old ones are removed stay.
func TestPruneLeavesMarksThatAreNewerByNow(t *testing.T) {
	d := open(t, rows.Options{Dir: t.TempDir()})
	const keys, rounds = 2000, 5
	key := func(i int) tables.Key { return tables.EncodeKey(tables.Int64Value(int64(i))) }
	mark := func(i int, source int64) error {
		b := rows.NewBatch()
		b.Delete(0, key(i), source)
		return d.Write(b)
	}
	for range rounds {
		for i := range keys {
			if err := mark(i, 1); err != nil {
				t.Fatal(err)
			}
		}
		pruned := make(chan error, 1)
		go func() {
			_, err := d.Prune(tables.Position{10})
			pruned <- err
		}()
		for i := range keys {
			if err := mark(i, 50); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-pruned; err != nil {
			t.Fatal(err)
		}
		for i := range keys {
			if source, err := d.Newest(0, key(i)); source != 50 || err != nil {
				t.Fatalf("the mark of key %d is %d, %v; want 50", i, source, err)
			}
		}
	}
}
