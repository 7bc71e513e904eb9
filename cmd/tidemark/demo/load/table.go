package load

import "github.com/tidemark/tidemark/tables"

// Orders declares the table of the orders' events.
func Orders(topic string) *tables.Table {
	dec := tables.Type{Kind: tables.DecimalKind, Precision: 12, Scale: 2}
	return &tables.Table{
		Name:   "orders",
		Source: source(topic),
		Key:    []string{"id"},
		Columns: []tables.Column{
			{Name: "id", Type: of(tables.Int64)},
			{Name: "customer_id", Type: of(tables.Int64), Index: true},
			{Name: "status", Type: of(tables.String)},
			{Name: "total", Type: dec, Encoding: tables.EncodingDecimalBase64},
			{Name: "items", Type: of(tables.Int64)},
			{Name: "city", Type: of(tables.String)},
			{Name: "country", Type: of(tables.String)},
			{Name: "paid", Type: of(tables.Bool)},
			{Name: "created_at", Type: of(tables.Timestamp), Encoding: tables.EncodingEpochUs},
			{Name: "updated_at", Type: of(tables.Timestamp), Encoding: tables.EncodingEpochUs},
		},
		Document: tables.DocumentDrop,
		SortKey:  []string{"customer_id", "created_at"},
		Batch:    tables.BatchPolicy{Schedule: tables.OnDemand, KeepLast: 3},
	}
}

// Customers declares the table of the customers' events.
func Customers(topic string) *tables.Table {
	return &tables.Table{
		Name:   "customers",
		Source: source(topic),
		Key:    []string{"id"},
		Columns: []tables.Column{
			{Name: "id", Type: of(tables.Int64)},
			{Name: "name", Type: of(tables.String)},
			{Name: "tier", Type: of(tables.String)},
			{Name: "country", Type: of(tables.String)},
			{Name: "since", Type: of(tables.Date), Encoding: tables.EncodingEpochDays},
		},
		Document: tables.DocumentDrop,
		Batch:    tables.BatchPolicy{Schedule: tables.OnDemand, KeepLast: 3},
	}
}

func source(topic string) tables.Source {
	return tables.Source{
		Topic: topic, Format: tables.DebeziumJSON, Placeholder: tables.DefaultPlaceholder, Partitioner: tables.PartitionMurmur2,
	}
}

func of(k tables.Kind) tables.Type { return tables.Type{Kind: k} }
