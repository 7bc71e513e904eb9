package proposal

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/kafka"
)

func TestSeveralTablesOfATopicAreNamed(t *testing.T) {
	of := func(names ...string) *sample.Sample {
		s := &sample.Sample{Topic: kafka.Topic{Name: "routed", Partitions: 1}}
		for i, name := range names {
			s.Records = append(s.Records, &codecs.Record{Topic: "routed", Offset: int64(i), Key: fmt.Appendf(nil, `{"id":%d}`, i),
				Value: fmt.Appendf(nil, `{"before":null,"after":{"id":%d},"source":{"schema":"public","table":%q},"op":"c"}`, i, name)})
		}
		return s
	}
	p, err := From(of("orders", "customers", "orders"), "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(p.Notes, "\n"); !strings.Contains(all, "2 tables, public.customers, public.orders") || !strings.Contains(all, "source.table") {
		t.Errorf("the notes are %s", all)
	}
	if p, err = From(of("orders", "orders"), "", nil, nil); err != nil || strings.Contains(strings.Join(p.Notes, "\n"), "tables") {
		t.Errorf("one table: %v %+v", err, p)
	}
}

func TestNoTableIsProposedForHeartbeats(t *testing.T) {
	s := &sample.Sample{Topic: kafka.Topic{Name: "__debezium-heartbeat.shop", Partitions: 1}, Records: []*codecs.Record{
		{Topic: "__debezium-heartbeat.shop", Key: []byte(`{"serverName":"shop"}`), Value: []byte(`{"ts_ms":1700000000000}`)},
	}}
	if _, err := From(s, "", nil, nil); !errors.Is(err, ErrHeartbeats) {
		t.Errorf("proposed, with %v", err)
	}
}
