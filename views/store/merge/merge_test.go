package merge

import (
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// numbers is a table whose rows are sorted by n, and a version of it to write to.
func numbers(t *testing.T) (*mvcc.Version, *mvcc.Writer) {
	t.Helper()
	integer := tables.Type{Kind: tables.Int64}
	l, err := mvcc.NewLayout(&tables.Table{
		Name: "numbers", Key: []string{"id"}, SortKey: []string{"n"},
		Columns: []tables.Column{{Name: "id", Type: integer}, {Name: "n", Type: integer}},
	})
	if err != nil {
		t.Fatal(err)
	}
	v := &mvcc.Version{Generation: mvcc.NewGeneration(mvcc.EmptyBase(l))}
	w := mvcc.NewWriter(v, 1)
	return v, &w
}

func put(id, n, offset int64) *mvcc.Change {
	row := []tables.Value{tables.Int64Value(id), tables.Int64Value(n)}
	return &mvcc.Change{Offset: offset, Key: tables.EncodeKey(row[0]), Values: row}
}

func ids(b *mvcc.Base) (out []int64) {
	for row := range b.Rows {
		out = append(out, b.Cols[0].Value(row).Int())
	}
	return out
}

// TestABaseHasWhatTheCutSays merges twice: the second base is made of the first one, what came since and
// before the cut, and not of what came behind it, which is left to be replayed.
func TestABaseHasWhatTheCutSays(t *testing.T) {
	v, w := numbers(t)
	for i, n := range []int64{40, 10, 30, 20} {
		w.Apply(put(int64(i), n, int64(i)))
	}
	v.See()
	first := New(v, []int64{4})
	base, err := first.Build(t.Context(), first.Checksum(), 1)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "first base", ids(base), 1, 3, 2, 0)

	next := &mvcc.Version{Generation: mvcc.NewGeneration(base), Rows: base.Rows}
	again := mvcc.NewWriter(next, 1)
	again.Apply(put(3, 50, 4))                                                        // to the end
	again.Apply(&mvcc.Change{Offset: 5, Key: tables.EncodeKey(tables.Int64Value(1))}) // gone
	again.Apply(put(7, 35, 6))                                                        // new
	again.Apply(put(2, 5, 7))                                                         // behind the cut
	next.Clock = 1
	next.See()
	m := New(next, []int64{7})
	if added, removed := m.Changed(); added != 2 || removed != 2 || m.Rows() != 4 {
		t.Errorf("%d added, %d removed, %d rows", added, removed, m.Rows())
	}
	second, err := m.Build(t.Context(), m.Checksum(), 2)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "second base", ids(second), 2, 7, 0, 3)
	if second.Changelog[0] != 7 {
		t.Errorf("the base is that before %d, want 7", second.Changelog[0])
	}

	last := &mvcc.Version{Generation: mvcc.NewGeneration(second), Rows: second.Rows}
	replayed := mvcc.NewWriter(last, 1)
	if err := m.Replay(t.Context(), &replayed, next, 0, next.Count); err != nil {
		t.Fatal(err)
	}
	last.Clock = 1
	last.See()
	r := last.Find(tables.EncodeKey(tables.Int64Value(2)))
	if last.Count != 1 || !r.InDelta() || last.Value(r, 1).Int() != 5 || last.Rows != next.Rows {
		t.Errorf("%d entries were replayed, %d rows, want 1 and %d", last.Count, last.Rows, next.Rows)
	}
}

func same(t *testing.T, what string, got []int64, want ...int64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: rows %v, want %v", what, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: rows %v, want %v", what, got, want)
		}
	}
}
