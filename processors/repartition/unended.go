package repartition

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/events"
)

// Brokers can lose a transaction: when its end is decided while a partition has no leader,
// as after a crash of all replicas, Kafka 4 takes the partition for deleted and writes no
// marker there. Coordinator and producer know nothing of it any more, and nobody can read
// what is behind it. The next transaction that writes there would decide it, too.

// endLost ends what is still open of the partition's transactions now that the coordinator
// has said that nothing is. It was to be committed where a committed record of how far the
// partition is counts it; else what it holds is copied again.
func (w *worker) endLost(ctx context.Context, producer int64, epoch int16) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	for {
		lost, err := w.lost(ctx, producer)
		if err != nil || len(lost) == 0 {
			return err
		}
		in, commit, err := w.decide(ctx, lost)
		if err != nil {
			return err
		}
		w.events.TransactionEnded(events.TransactionEnded{In: in.Sorted(), Commit: commit})
		if err := w.end(ctx, in, commit, producer, epoch); err != nil {
			return fmt.Errorf("end a transaction that the brokers have lost: %w", fenced(err))
		}
		// The answer comes before the markers.
		if err := retry.Pause(ctx, 50*time.Millisecond); err != nil {
			return fmt.Errorf("end a transaction that the brokers have lost: %w", err)
		}
	}
}

// lost returns where the producer has an open transaction. In most partitions nobody has:
// only others are looked at.
func (w *worker) lost(ctx context.Context, producer int64) ([]kadm.DescribedProducer, error) {
	ends, err := kafka.Watermarks(ctx, w.client, w.o.Keyed.Name, w.o.Progress.Name)
	if err != nil {
		return nil, err
	}
	committed, err := kafka.EndsOf(ctx, w.client, w.o.Keyed.Name, w.o.Progress.Name)
	if err != nil {
		return nil, err
	}
	open := kadm.TopicsSet{}
	for topic, parts := range ends {
		stable := committed[topic]
		for p, end := range parts {
			if p < len(stable) && stable[p] < end {
				open.Add(topic, int32(p))
			}
		}
	}
	if len(open) == 0 {
		return nil, nil
	}
	all, err := kadm.NewClient(w.client).DescribeProducers(ctx, open)
	if refused := (*kadm.AuthError)(nil); errors.As(err, &refused) {
		w.events.TransactionsNotKnown(events.TransactionsNotKnown{Err: err})
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open transactions of %s: %w", w.o.Keyed.Name, err)
	}
	return producersOpen(all, producer)
}

func producersOpen(all kadm.DescribedProducersTopics, producer int64) (open []kadm.DescribedProducer, err error) {
	all.EachPartition(func(p kadm.DescribedProducersPartition) {
		if p.Err != nil {
			err = fmt.Errorf("open transactions of %s/%d: %w", p.Topic, p.Partition, p.Err)
		}
	})
	all.EachProducer(func(p kadm.DescribedProducer) {
		if p.ProducerID == producer && p.CurrentTxnStartOffset >= 0 {
			open = append(open, p)
		}
	})
	return open, err
}

// decide returns some of the lost partitions that are ended in the same way.
func (w *worker) decide(ctx context.Context, lost []kadm.DescribedProducer) (in kadm.TopicsSet, commit bool, err error) {
	abort, keep := kadm.TopicsSet{}, kadm.TopicsSet{}
	for _, p := range lost {
		if p.Topic == w.o.Progress.Name {
			// What is open here counts nothing. Without it one can see what does.
			abort.Add(p.Topic, p.Partition)
			return abort, false, nil
		}
	}
	counts, err := w.last(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, p := range lost {
		if counts != nil && int(p.Partition) < len(counts.Keyed) && p.CurrentTxnStartOffset < counts.Keyed[p.Partition] {
			keep.Add(p.Topic, p.Partition)
		} else {
			abort.Add(p.Topic, p.Partition)
		}
	}
	if len(keep) > 0 {
		return keep, true, nil
	}
	return abort, false, nil
}

// end makes a transaction without records, of which the partitions get the marker.
func (w *worker) end(ctx context.Context, in kadm.TopicsSet, commit bool, producer int64, epoch int16) error {
	// Newer versions of the second request change the epoch, of which w.client would know nothing.
	versions := kversion.Stable()
	versions.SetMaxKeyVersion(int16(kmsg.EndTxn), 4)
	client, err := w.o.Kafka.Client(kgo.MaxVersions(versions))
	if err != nil {
		return err
	}
	defer client.Close()
	id := w.names.TransactionOf(w.partition)
	add := kmsg.NewPtrAddPartitionsToTxnRequest()
	add.TransactionalID, add.ProducerID, add.ProducerEpoch = id, producer, epoch
	for _, t := range in.Sorted() {
		topic := kmsg.NewAddPartitionsToTxnRequestTopic()
		topic.Topic, topic.Partitions = t.Topic, t.Partitions
		add.Topics = append(add.Topics, topic)
	}
	added, err := add.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	for _, t := range added.Topics {
		for _, p := range t.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil && !errors.Is(err, kerr.ConcurrentTransactions) {
				return err
			} else if err != nil {
				return nil // the markers before are still being written: look again
			}
		}
	}
	end := kmsg.NewPtrEndTxnRequest()
	end.TransactionalID, end.ProducerID, end.ProducerEpoch, end.Commit = id, producer, epoch, commit
	ended, err := end.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(ended.ErrorCode)
}
