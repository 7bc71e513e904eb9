package intake

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

func TestTheCureOfARefusalIsNamedWhereTheRecordsTell(t *testing.T) {
	keys := map[tables.Partitioner][][]byte{}
	for id := range 100 {
		for _, p := range []tables.Partitioner{tables.PartitionFNV1a, tables.PartitionCRC32} {
			if at, _ := kafka.PartitionOf(p, fmt.Appendf(nil, `{"id":%d}`, id), 4); at == 2 {
				keys[p] = append(keys[p], fmt.Appendf(nil, `{"id":%d}`, id))
			}
		}
	}
	for p, of := range keys {
		if cure := cureOf(of, 2, 4); !strings.Contains(cure, "source.partitioner: "+string(p)+",") {
			t.Errorf("%s: %s", p, cure)
		}
	}
	mixed := append(keys[tables.PartitionFNV1a], keys[tables.PartitionCRC32]...)
	if cure := cureOf(mixed, 2, 4); !strings.Contains(cure, "source.partitioner: any") {
		t.Errorf("two partitioners: %s", cure)
	}
	if cure := cureOf(nil, 2, 4); !strings.Contains(cure, "tidemark check") {
		t.Errorf("no keys: %s", cure)
	}
}
