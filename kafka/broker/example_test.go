package broker_test

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka/broker"
)

func ExampleStart() {
	ctx := context.Background()
	b, err := broker.Start(ctx, broker.Options{Topics: map[string]int32{"orders": 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = b.Close() }()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addrs()...))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	results := client.ProduceSync(ctx, &kgo.Record{Topic: "orders", Value: []byte("first")})
	fmt.Println(results.FirstErr(), results[0].Record.Offset)
	// Output: <nil> 0
}
