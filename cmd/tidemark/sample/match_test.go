package sample

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/kafka"
)

func TestPatternsPassOverWhatHoldsNoRows(t *testing.T) {
	all := []string{
		"__consumer_offsets", "__debezium-heartbeat.shop", "orders-1-table", "orders-1-progress", "orders-1-dlq", "orders-generations",
		"carts-table", "carts-progress", "carts-batches", "shop.public.orders", "my-table", "my-batches",
	}
	want := []string{"shop.public.orders", "my-table", "my-batches"}
	if got := others(all); !slices.Equal(got, want) {
		t.Errorf("left are %v, want %v", got, want)
	}
}

func TestNamesAndPatternsAreToldApart(t *testing.T) {
	names, patterns, err := split([]string{"a", "shop.*", "b", "a", "x?"})
	if err != nil || !slices.Equal(names, []Found{{"a", true}, {"b", true}}) || !slices.Equal(patterns, []string{"shop.*", "x?"}) {
		t.Error(names, patterns, err)
	}
	for _, wrong := range []string{"shop.[a", "a/*"} {
		if _, err := Match(context.Background(), kafka.Settings{}, []string{wrong}); err == nil || !strings.Contains(err.Error(), "is no pattern") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
