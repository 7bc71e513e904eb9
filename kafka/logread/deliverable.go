package logread

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
)

const (
	// lookTimeout bounds a look at a log.
	lookTimeout = 5 * time.Second
	// lookBytes is what a look fetches at once.
	lookBytes = 64 << 10
)

// Deliverable reports whether a reader of committed records that is at offset from would
// get one before end. Markers, aborted records and what compaction has left out
// deliver nothing. A transaction that is still open may be committed: where one hides
// what is there, the answer is yes.
//
// The topic's ID is looked up where it is zero.
func Deliverable(ctx context.Context, client *kgo.Client, topic kafka.Topic, partition int32, from, end int64) (bool, error) {
	if from >= end {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	l := &log{client: client, topic: topic, partition: partition}
	for at := from; at < end; {
		c, err := l.fetch(ctx, at, lookBytes)
		if errors.Is(err, kerr.OffsetOutOfRange) {
			start, err := l.start(ctx)
			if err != nil {
				return false, err
			}
			if start <= at { // the log is shorter than it was
				return false, nil
			}
			at = start // what came before was removed
			continue
		}
		if err != nil {
			return false, err
		}
		if len(c.records) > 0 && c.records[0].Offset < end {
			return true, nil
		}
		if c.next <= at { // nothing is at this offset, or what is cannot be read
			return c.bytes > 0 || c.hides(end), nil
		}
		at = c.next
	}
	return false, nil
}
