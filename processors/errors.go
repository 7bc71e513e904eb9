package processors

import (
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// PartitionerError says that a record stands in another partition than the
// declared partitioner would have put it: going on would let one key live twice.
type PartitionerError struct {
	Topic       string
	Partition   int32
	Offset      int64
	Key         []byte
	Partitioner tables.Partitioner
	Want        int32
	Cure        string // what to declare instead, where the records tell; else empty
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

// LostRecordsError says that the source topic no longer has records that were
// not processed yet. Rows that they would have changed are stale until the source sends them again.
type LostRecordsError struct {
	Topic     string
	Partition int32
	Next      int64 // the offset that was to be read
	Start     int64 // the first that there is
}

// Error says which records are missing.
func (e *LostRecordsError) Error() string {
	return fmt.Sprintf("topic %s, partition %d: the records %d to %d were removed before they were processed; "+
		"take a new snapshot of the source", e.Topic, e.Partition, e.Next, e.Start-1)
}

// Errors of a run. Each ends the run; the supervisor begins another.
var (
	errSourceEnded = errors.New("the source's consumer has ended")
	errRunOver     = errors.New("the run is over")
)

const clipAt = 64

func clipKey(b []byte) string {
	if len(b) > clipAt {
		return fmt.Sprintf("%q...", b[:clipAt])
	}
	return fmt.Sprintf("%q", b)
}

// refusal reports whether an error is one that trying again cannot cure.
func refusal(err error) bool {
	var partitioner *PartitionerError
	return errors.As(err, &partitioner) || seed.Refuses(err)
}
