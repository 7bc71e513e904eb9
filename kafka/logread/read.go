package logread

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/retry"
)

const (
	// chunkBytes is what is fetched at once where all of a log is read.
	chunkBytes = 2 << 20
	// pause is the time between two looks at what cannot be read yet: an open transaction, a broker that is away.
	pause = 50 * time.Millisecond
)

// Span is a stretch of a partition's offsets: from From on, before End.
type Span struct{ From, End int64 }

// Read calls fn with the committed records of a span, in their order, and returns when
// the log has no more of them. What an open transaction hides is waited for, and so are
// brokers that are away, for as long as the context lasts. What was removed at
// the front of the log is left out.
func Read(ctx context.Context, client *kgo.Client, topic kafka.Topic, partition int32, s Span, fn func(*kgo.Record) error) error {
	return readAll(ctx, []*log{{client: client, topic: topic, partition: partition}}, []Span{s}, fn)
}

// atOnce is how many partitions are read at the same time.
const atOnce = 4

// readAll reads a span of each log. The next chunks are fetched while fn has the records of one.
func readAll(ctx context.Context, logs []*log, spans []Span, fn func(*kgo.Record) error) error {
	readers, fetching := errgroup.WithContext(ctx)
	readers.SetLimit(atOnce + 1) // and the one that hands records to fn
	chunks := make(chan []*kgo.Record)
	var left sync.WaitGroup
	left.Add(len(logs))
	readers.Go(func() error {
		for records := range chunks {
			for _, r := range records {
				if err := fn(r); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for i, l := range logs {
		readers.Go(func() error {
			defer left.Done()
			return l.read(fetching, spans[i], chunks)
		})
	}
	left.Wait()
	close(chunks)
	return readers.Wait()
}

// read sends the records of a span, chunk by chunk.
func (l *log) read(ctx context.Context, s Span, chunks chan<- []*kgo.Record) error {
	for at := s.From; at < s.End; {
		c, err := l.fetchPatiently(ctx, at, chunkBytes)
		if errors.Is(err, kerr.OffsetOutOfRange) {
			if at, err = l.skipRemoved(ctx, at); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if records := c.until(s.End); len(records) > 0 {
			select {
			case chunks <- records:
			case <-ctx.Done():
				return l.ended(ctx, at)
			}
		}
		switch {
		case c.next > at:
			at = c.next
		case c.bytes > 0:
			return fmt.Errorf("read %s/%d at %d: %d bytes hold no whole batch", l.topic.Name, l.partition, at, c.bytes)
		case !c.hides(s.End):
			return nil
		default:
			if err := l.wait(ctx, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// fetchPatiently fetches again while it is only a matter of time.
func (l *log) fetchPatiently(ctx context.Context, at int64, bytes int32) (chunk, error) {
	for {
		c, err := l.fetch(ctx, at, bytes)
		if err == nil || !temporary(err) {
			return c, err
		}
		if err := l.wait(ctx, at); err != nil {
			return c, err
		}
	}
}

// temporary reports whether the brokers may answer otherwise in a moment.
func temporary(err error) bool {
	return !errors.Is(err, kafka.ErrNoSource) && !errors.Is(err, kerr.OffsetOutOfRange) &&
		(kerr.IsRetriable(err) || kgo.IsRetryableBrokerErr(err))
}

// skipRemoved returns where the log begins now, which is behind an offset that it had.
func (l *log) skipRemoved(ctx context.Context, at int64) (int64, error) {
	start, err := l.start(ctx)
	if err == nil && start <= at {
		err = fmt.Errorf("read %s/%d at %d: the log is shorter than it was", l.topic.Name, l.partition, at)
	}
	return start, err
}

func (l *log) wait(ctx context.Context, at int64) error {
	if retry.Pause(ctx, pause) != nil {
		return l.ended(ctx, at)
	}
	return nil
}

func (l *log) ended(ctx context.Context, at int64) error {
	return fmt.Errorf("read %s/%d at %d: %w", l.topic.Name, l.partition, at, context.Cause(ctx))
}

// until returns the records before an offset.
func (c *chunk) until(end int64) []*kgo.Record {
	n := len(c.records)
	for n > 0 && c.records[n-1].Offset >= end {
		n--
	}
	return c.records[:n]
}
