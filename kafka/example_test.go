package kafka_test

import (
	"fmt"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

func ExampleSettings_Names() {
	n := kafka.Settings{TopicPrefix: "prod."}.Names(&tables.Table{Name: "orders"})
	fmt.Println(n.Table, n.DeadLetters, n.Group)
	// Output: prod.orders-table prod.orders-dlq prod.orders
}

func ExamplePartitionOf() {
	p, _ := kafka.PartitionOf(tables.PartitionMurmur2, []byte(`{"id":42}`), 8)
	_, told := kafka.PartitionOf(tables.PartitionAny, []byte(`{"id":42}`), 8)
	fmt.Println(p, told)
	// Output: 5 false
}
