package filter_test

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs/filter"
	"github.com/tidemark/tidemark/tables"
)

func ExampleCompile() {
	orders := tables.Table{
		Name: "orders", Key: []string{"id"}, Where: "total > 1.00 AND status NOT LIKE 'draft%'",
		Columns: []tables.Column{
			{Name: "id", Type: tables.Type{Kind: tables.Int64}},
			{Name: "status", Type: tables.Type{Kind: tables.String}},
			{Name: "total", Type: tables.Type{Kind: tables.DecimalKind, Precision: 12, Scale: 2}},
		},
	}
	keep, err := filter.Compile(&orders)
	if err != nil {
		fmt.Println(err)
		return
	}
	row := []tables.Value{tables.Int64Value(7), tables.StringValue("paid"), tables.DecimalValue(tables.DecimalFromInt64(110))}
	fmt.Println(keep(row))
	row[1] = tables.StringValue("draft-2")
	fmt.Println(keep(row))
	row[1] = tables.Value{}
	fmt.Println(keep(row))
	// Output:
	// true
	// false
	// false
}
