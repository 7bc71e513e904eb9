package changes_test

import (
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/store"
)

// A change that several events of a group have made says where the first of them stood, and
// is told also where they have left the row as it was.
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
	put(0, 4, 7)
	put(1, 4, 8)
	var r changes.Recorder
	r.Before(s.Snapshot(), group, []int64{11, 12, 13, 14, 15, 16, 17, 3})
	if err := s.Apply(group, nil); err != nil {
		t.Fatal(err)
	}
	type told struct {
		next, first int64
		idle        bool
	}
	want := map[int64]told{1: {16, 11, false}, 2: {12, 0, false}, 3: {14, 13, true}, 4: {0, 0, false}}
	got := r.After(s.Snapshot())
	for _, c := range got {
		id := int64(c.Key[len(c.Key)-1])
		if w := want[id]; (told{c.Next, c.First, c.Idle}) != w {
			t.Errorf("key %d: %+v, want %+v", id, c, w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d changes, want %d", len(got), len(want))
	}
}
