package store

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// bytesTable has a column of each form of which a file may keep a dictionary.
func bytesTable() *tables.Table {
	t := &tables.Table{Name: "bytes", Key: []string{"id"}, SortKey: []string{"place"}}
	for _, c := range [][2]string{{"id", "int64"}, {"place", "string"}, {"v", "string"}, {"n", "int64"}, {"day", "date"}, {"x", "decimal(30,2)"}} {
		typ, err := tables.ParseType(c[1])
		if err != nil {
			panic(err)
		}
		t.Columns = append(t.Columns, tables.Column{Name: c[0], Type: typ})
	}
	return t
}

// bytesRow has values that recur more or less, by the dice.
func bytesRow(r *rand.Rand, id, variety int) []tables.Value {
	v := tables.StringValue(fmt.Sprint("v", r.IntN(variety)))
	switch r.IntN(12) {
	case 0:
		v = tables.Value{}
	case 1:
		v = tables.UnavailableValue()
	}
	return []tables.Value{
		tables.Int64Value(int64(id)), tables.StringValue(fmt.Sprint("place ", r.IntN(40))), v,
		tables.Int64Value(int64(r.IntN(variety * 3))), tables.DateValue(int64(r.IntN(variety))), tables.DecimalValue(tables.DecimalFromInt64(int64(r.IntN(variety)))),
	}
}

// bytesStore is an empty store, or one that begins with a batch on disk.
func bytesStore(t *testing.T, dir string, batch uint64) *Store {
	t.Helper()
	s, err := New(Options{Table: bytesTable()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if batch == 0 {
		return s
	}
	b, err := OpenBatch(context.Background(), dir, batch, bytesTable())
	if err == nil {
		err = s.Load(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fileOf seals a store at its end and returns the bytes of the batch's file.
func fileOf(t *testing.T, s *Store, dir string, cut Cut) string {
	t.Helper()
	b, err := s.Seal(context.Background(), cut)
	if err != nil {
		t.Fatal(err)
	}
	path, err := WriteBatch(context.Background(), dir, b)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestFileDependsOnTheRowsAlone compares the file of rows that came by many batches and
// restarts, of which some had other values than those that are left, with that of the same
// rows at once.
func TestFileDependsOnTheRowsAlone(t *testing.T) {
	for seed := range uint64(40) {
		r, dir := rand.New(rand.NewPCG(seed, 11)), t.TempDir()
		long, rows := bytesStore(t, dir, 0), map[int][]tables.Value{}
		keys := 100 + r.IntN(3000)
		cut := Cut{Unproven: true, Started: 1, Changelog: []int64{0}}
		batch := func(n int) string {
			variety := []int{2, 50, 2000, 1 << 40}[r.IntN(4)]
			for range n {
				id := r.IntN(keys)
				c := Change{Offset: cut.Changelog[0], Key: tables.EncodeKey(tables.Int64Value(int64(id)))}
				delete(rows, id)
				if r.IntN(3) > 0 {
					c.Values = bytesRow(r, id, variety)
					rows[id] = c.Values
				}
				apply(t, long, c, nil)
				cut.Changelog = []int64{cut.Changelog[0] + 1}
			}
			cut.Batch++
			return fileOf(t, long, dir, cut)
		}
		for range 1 + r.IntN(4) {
			batch(r.IntN(4000))
			if r.IntN(2) == 0 {
				long = bytesStore(t, dir, cut.Batch)
			}
		}
		want := batch(3 * keys)

		short := bytesStore(t, dir, 0)
		for _, id := range slices.Sorted(maps.Keys(rows)) {
			apply(t, short, Change{Offset: -1, Key: tables.EncodeKey(tables.Int64Value(int64(id))), Values: rows[id]}, nil)
		}
		if got := fileOf(t, short, t.TempDir(), cut); got != want {
			t.Errorf("seed %d: %d rows make a file of %d bytes at once, and of %d after some batches", seed, len(rows), len(got), len(want))
		}
	}
}
