package store

import (
	"context"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// textOf returns a text of n bytes that begins and ends with who it is of.
func textOf(id string, n int) string { return id + strings.Repeat("x", n-2*len(id)) + id }

// TestLongTexts puts texts around the bounds of an arena's blocks and of what is outside of them
// through the delta, two merges and a file, and reads each back by key, by filter and in order.
func TestLongTexts(t *testing.T) {
	s := newAccounts(t, 0)
	// Distinct short texts make the column an arena; every block has rows with long ones.
	s.layout.Tuning.FewTexts = 4
	want := map[int]string{}
	next := int64(0)
	set := func(id int, text string) {
		want[id] = text
		row := []tables.Value{tables.Int64Value(int64(id)), tables.StringValue(text), tables.Int64Value(1)}
		apply(t, s, Change{Offset: next, Key: tables.EncodeKey(row[0]), Values: row}, tables.Position{next + 1})
		next++
	}
	for id := range 2*column.BlockRows + 10 {
		set(id, textOf(string(rune('a'+id%26))+strings.Repeat("k", id%7), 20+id%50))
	}
	for i, n := range []int{1<<16 - 1, 1 << 16, column.LongText - 1, column.LongText, column.LongText + 1, 5 << 20} {
		set(column.BlockRows+i, textOf("L", n+2))
	}
	check := func(when string, snap *Snapshot) {
		t.Helper()
		if snap.Rows() != int64(len(want)) {
			t.Fatalf("%s: %d rows, want %d", when, snap.Rows(), len(want))
		}
		for id, text := range want {
			row, ok := snap.Lookup(tables.EncodeKey(tables.Int64Value(int64(id))), nil)
			if !ok || row[1].Str() != text {
				t.Fatalf("%s: row %d has a text of %d bytes, want %d", when, id, len(row[1].Str()), len(text))
			}
		}
		longest := want[column.BlockRows+5]
		res, err := snap.Query(context.Background(), &query.Query{
			Select: []query.Output{{Column: 0}}, Filter: query.Compare{Column: 1, Op: query.Eq, Value: tables.StringValue(longest)}, Limit: 10,
		})
		if err != nil || res.Len() != 1 || res.Value(0, 0).Int() != column.BlockRows+5 {
			t.Fatalf("%s: a filter for the longest text: %v", when, err)
		}
	}
	check("delta", s.Snapshot())
	seal := func(id uint64) *Batch {
		b, err := s.Seal(context.Background(), Cut{Batch: id, Changelog: []int64{next}, Source: tables.Position{next}, Unproven: true})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	seal(1)
	check("base", s.Snapshot())
	set(3, "short again")
	set(column.BlockRows+4, textOf("M", 3<<20))
	set(7, textOf("N", 2<<20))
	b := seal(2)
	check("merged", s.Snapshot())
	dir := t.TempDir()
	if _, err := WriteBatch(context.Background(), dir, b); err != nil {
		t.Fatal(err)
	}
	read, err := OpenBatch(context.Background(), dir, 2, accountsTable())
	if err != nil {
		t.Fatal(err)
	}
	check("file", read.Snapshot())
}
