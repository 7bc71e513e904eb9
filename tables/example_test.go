package tables_test

import (
	"fmt"

	"github.com/tidemark/tidemark/tables"
)

// The bytes of keys are in the order of their values.
func ExampleEncodeKey() {
	two := tables.EncodeKey(tables.Int64Value(2), tables.StringValue("eu"))
	ten := tables.EncodeKey(tables.Int64Value(10), tables.StringValue("eu"))
	fmt.Println(two < ten)
	values, err := tables.DecodeKey(two, []tables.Type{{Kind: tables.Int64}, {Kind: tables.String}})
	fmt.Println(values[0].Int(), values[1].Str(), err)
	// Output:
	// true
	// 2 eu <nil>
}

func ExampleParseText() {
	typ, err := tables.ParseType("decimal(12,2)")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := tables.ParseText(typ, "10.5")
	fmt.Println(string(tables.AppendJSON(nil, typ, v, false)), string(tables.AppendJSON(nil, typ, v, true)), err)
	_, err = tables.ParseText(typ, "10.505")
	fmt.Println(err)
	// Output:
	// 10.50 "10.50" <nil>
	// "10.505" is no decimal(12,2): number has more than 2 digits after the point
}

func ExampleParsePosition() {
	p, err := tables.ParsePosition("1:998,0:1204")
	fmt.Println(p, err)
	fmt.Println(p.Reaches(tables.Position{1204, 999}))
	// Output:
	// 0:1204,1:998 <nil>
	// false
}
