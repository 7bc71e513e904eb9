package api_test

import (
	"fmt"
	"net/http/httptest"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/store"
)

func ExampleNew() {
	table := &tables.Table{
		Name: "orders", Key: []string{"id"}, Columns: []tables.Column{column("id", "int64"), column("status", "string")},
	}
	rows, err := store.New(store.Options{Table: table})
	if err != nil {
		fmt.Println(err)
		return
	}
	var changes []store.Change
	for i, status := range []string{"open", "paid"} {
		id := tables.Int64Value(int64(42 + i))
		changes = append(changes, store.Change{
			Offset: int64(i), Key: tables.EncodeKey(id), Values: []tables.Value{id, tables.StringValue(status)},
		})
	}
	if err := rows.Apply(changes, tables.Position{2}); err != nil {
		fmt.Println(err)
		return
	}
	view := &liveTable{table: table, store: rows} // in the program, a view of the table's topics
	h, err := api.New(api.Options{Tables: []*live.Table{view.api()}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{"/v1/tables/orders/rows/42", "/v1/tables/orders/rows.csv?status=eq.paid"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Print(w.Body)
	}
	// Output:
	// {"id":42,"status":"open"}
	// id,status
	// 43,paid
}
