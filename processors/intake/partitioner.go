package intake

import (
	"fmt"

	"github.com/tidemark/tidemark/tables"
)

// PartitionerError says that a record is in another partition than the
// declared partitioner would have put it: going on would let one key live twice.
type PartitionerError struct {
	Topic       string
	Partition   int32
	Offset      int64
	Key         []byte
	Partitioner tables.Partitioner
	Want        int32
	Cure        string // what to declare instead, where the records show it; else empty
}

// Error says where, and what can be done.
func (e *PartitionerError) Error() string {
	cure := e.Cure
	if cure == "" {
		cure = "declare the partitioner that the producer uses"
	}
	return fmt.Sprintf("topic %s, partition %d, offset %d: the key %s belongs to partition %d under the declared partitioner %s; %s",
		e.Topic, e.Partition, e.Offset, clipKey(e.Key), e.Want, e.Partitioner, cure)
}

const clipAt = 64

func clipKey(b []byte) string {
	if len(b) > clipAt {
		return fmt.Sprintf("%q...", b[:clipAt])
	}
	return fmt.Sprintf("%q", b)
}
