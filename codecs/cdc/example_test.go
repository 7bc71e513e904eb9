package cdc_test

import (
	"fmt"
	"time"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/tables"
)

func orders() *tables.Table {
	return &tables.Table{
		Name: "orders", Key: []string{"id"},
		Source: tables.Source{Topic: "shop.public.orders", Format: tables.DebeziumJSON},
		Columns: []tables.Column{
			{Name: "id", Type: tables.Type{Kind: tables.Int64}},
			{Name: "status", Type: tables.Type{Kind: tables.String}},
			{Name: "total", Type: tables.Type{Kind: tables.DecimalKind, Precision: 12, Scale: 2}, Encoding: tables.EncodingDecimalBase64},
		},
	}
}

func ExampleNewDecoder() {
	table := orders()
	d, err := cdc.NewDecoder(table, cdc.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var c tables.Change
	for _, value := range []string{
		`{"before":null,"after":{"id":7,"status":"paid","total":"bg=="},"source":{"connector":"postgresql","lsn":24023128},"op":"u"}`,
		`null`,
		`{"before":null,"after":{"id":7,"status":"paid","total":1.1},"op":"u"}`,
	} {
		err := d.Decode(&codecs.Record{Key: []byte(`{"id":7}`), Value: []byte(value), Time: time.UnixMilli(0)}, &c)
		if err != nil {
			fmt.Println("dead letter:", err)
			continue
		}
		fmt.Print(c.Op, " at ", c.Source.Minor)
		for i, v := range c.Values {
			fmt.Print(" ", table.Columns[i].Name, "=", string(tables.AppendText(nil, table.Columns[i].Type, v)))
		}
		fmt.Println()
	}
	// Output:
	// upsert at 24023128 id=7 status=paid total=1.10
	// delete at 0
	// upsert at 0 id=7 status=paid total=1.10
}
