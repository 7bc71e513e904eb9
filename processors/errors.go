package processors

import (
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/processors/intake"
	"github.com/tidemark/tidemark/processors/seed"
)

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
	errRunOver = errors.New("the run is over")
)

// refusal reports whether an error is one that trying again cannot cure.
func refusal(err error) bool {
	var partitioner *intake.PartitionerError
	return errors.As(err, &partitioner) || seed.Refuses(err)
}
