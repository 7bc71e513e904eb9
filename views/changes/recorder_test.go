package changes_test

import (
	"slices"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/store"
)

// Several events of a key in one group are reported one by one, each with the row that the one
// before has left; one that leaves the row as it was is not reported.
func TestTheRecorderTellsOfSeveralEvents(t *testing.T) {
	s, err := store.New(store.Options{Table: &tables.Table{
		Name: "t", Key: []string{"id"},
		Columns: []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "n", Type: tables.Type{Kind: tables.Int64}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	group := []store.Change{}
	put := func(p int32, id, n int64) {
		row := []tables.Value{tables.Int64Value(id), tables.Int64Value(n)}
		c := store.Change{Partition: p, Offset: int64(len(group)), Key: tables.EncodeKey(row[0]), Values: row}
		if n < 0 {
			c.Values = nil
		}
		group = append(group, c)
	}
	put(0, 1, 10)
	put(0, 2, 10)
	put(0, 3, 5)
	put(0, 3, -1)
	put(0, 1, 20)
	put(0, 1, 30)
	put(0, 1, 30)
	put(0, 4, 7)
	put(1, 4, 8)
	var r changes.Recorder
	r.Before(s.Snapshot(), group, []int64{11, 12, 13, 14, 15, 16, 16, 17, 3})
	if err := s.Apply(group, nil); err != nil {
		t.Fatal(err)
	}
	type recorded struct {
		id, next, old, new int64 // -1: no row
	}
	want := []recorded{
		{1, 11, -1, 10}, {2, 12, -1, 10}, {3, 13, -1, 5}, {3, 14, 5, -1}, {1, 15, 10, 20}, {1, 16, 20, 30}, {4, 17, -1, 7}, {4, 3, 7, 8},
	}
	n := func(row []tables.Value) int64 {
		if row == nil {
			return -1
		}
		return row[1].Int()
	}
	var got []recorded
	for _, c := range r.After(s.Snapshot()) {
		got = append(got, recorded{int64(c.Key[len(c.Key)-1]), c.Next, n(c.Old), n(c.New)})
	}
	if !slices.Equal(got, want) {
		t.Errorf("told %+v, want %+v", got, want)
	}
}
