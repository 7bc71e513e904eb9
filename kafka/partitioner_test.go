package kafka_test

import (
	"fmt"
	"hash/crc32"
	"testing"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// The partition is the one that the producer chose, for every key, also
// where the hash has its highest bit set.
func TestPartitionOfAgreesWithProducers(t *testing.T) {
	java := kgo.StickyKeyPartitioner(nil).ForTopic("t")
	fnv := sarama.NewHashPartitioner("t")
	high := 0
	for i := range 5000 {
		for _, n := range []int32{1, 3, 8, 12} {
			key := fmt.Appendf(nil, `{"id":%d}`, i*7919)
			if kafka.Murmur2(key) >= 1<<31 {
				high++
			}
			agree(t, tables.PartitionMurmur2, key, n, int32(java.Partition(&kgo.Record{Key: key}, int(n))))
			want, err := fnv.Partition(&sarama.ProducerMessage{Key: sarama.ByteEncoder(key)}, n)
			if err != nil {
				t.Fatal(err)
			}
			agree(t, tables.PartitionFNV1a, key, n, want)
			agree(t, tables.PartitionCRC32, key, n, int32(crc32.ChecksumIEEE(key)%uint32(n)))
		}
	}
	if high == 0 {
		t.Error("no hash had its highest bit set")
	}
}

func agree(t *testing.T, p tables.Partitioner, key []byte, n, want int32) {
	t.Helper()
	if got, ok := kafka.PartitionOf(p, key, n); !ok || got != want {
		t.Fatalf("%s of %s in %d partitions is %d, %v; the producer chose %d", p, key, n, got, ok, want)
	}
}

// The vectors of Kafka's UtilsTest.
func TestMurmur2AsJava(t *testing.T) {
	for key, want := range map[string]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536,
		"a-little-bit-longer-string":                       -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		if got := int32(kafka.Murmur2([]byte(key))); got != want {
			t.Errorf("murmur2 of %q is %d, Java says %d", key, got, want)
		}
	}
}

func TestPartitionOfWhatCannotBeTold(t *testing.T) {
	if _, ok := kafka.PartitionOf(tables.PartitionAny, []byte("k"), 3); ok {
		t.Error("any tells a partition")
	}
	if _, ok := kafka.PartitionOf(tables.PartitionMurmur2, nil, 3); ok {
		t.Error("a record without a key has a partition")
	}
}
