package store_test

import (
	"context"
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

func Example() {
	int64Type, text := tables.Type{Kind: tables.Int64}, tables.Type{Kind: tables.String}
	s, err := store.New(store.Options{Table: &tables.Table{
		Name: "orders", Key: []string{"id"},
		Columns: []tables.Column{{Name: "id", Type: int64Type}, {Name: "status", Type: text}},
	}})
	if err != nil {
		panic(err)
	}
	defer s.Close()
	put := func(offset, id int64, status string) store.Change {
		row := []tables.Value{tables.Int64Value(id), tables.StringValue(status)}
		return store.Change{Offset: offset, Key: tables.EncodeKey(row[0]), Values: row}
	}
	if err := s.Apply([]store.Change{put(0, 42, "open"), put(1, 43, "open")}, tables.Position{2}); err != nil {
		panic(err)
	}
	before := s.Snapshot()
	if err := s.Apply([]store.Change{put(2, 42, "paid")}, tables.Position{3}); err != nil {
		panic(err)
	}
	for _, snapshot := range []*store.Snapshot{before, s.Snapshot()} {
		r, err := snapshot.Query(context.Background(), &query.Query{
			Limit: 10, Select: []query.Output{{Column: 1}, {Column: -1, Aggregate: query.Count}},
		})
		if err != nil {
			panic(err)
		}
		for i := range r.Len() {
			fmt.Println(snapshot.Position(), r.Value(i, 0).Str(), r.Value(i, 1).Int())
		}
	}
	// Output:
	// 0:2 open 2
	// 0:3 open 1
	// 0:3 paid 1
}
