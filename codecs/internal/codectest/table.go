package codectest

import (
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// EventTable is a table of the event's rows.
func EventTable(t testing.TB) *tables.Table {
	return &tables.Table{
		Name: "orders", Key: []string{"id"}, Source: tables.Source{Format: tables.DebeziumJSON},
		Columns: []tables.Column{
			Column(t, "id", "int64"), Column(t, "status", "string"), Column(t, "total", "decimal(12,3)", "decimal_base64"),
			Column(t, "customer_id", "int64"), Column(t, "created_at", "timestamp", "epoch_us"), Column(t, "note", "string"),
		},
	}
}

// EventRow is the event's row in that table.
func EventRow() (tables.Row, tables.Key) {
	id := tables.Int64Value(1234567)
	return tables.Row{
		Values: []tables.Value{
			id, tables.StringValue("shipped"), tables.DecimalValue(tables.DecimalFromInt64(12_345_678)),
			tables.Int64Value(88123), tables.TimestampValue(1_709_210_096_789_012), tables.StringValue("left at the door"),
		},
		Offset: 1204, Time: 1_795_328_240_450_799,
		Source: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 23_798_872, Epoch: 0xdeadbeef},
	}, tables.EncodeKey(id)
}
