package stream

import (
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kerr"
)

const (
	firstPause = 50 * time.Millisecond
	longPause  = 500 * time.Millisecond
	// quiet is how long requests may be in vain before that is reported: partitions move, and brokers start.
	quiet = 2 * time.Second
)

// pause is how long the partition rests after a request in vain.
func (p *partition) pause() time.Duration {
	rest := min(firstPause<<min(p.tries, 10), longPause)
	if p.tries == 0 {
		p.vain = time.Now()
	}
	p.tries++
	return rest
}

// refused deals with an error for one partition. The caller has the mutex, and so it is below.
func (p *partition) refused(err error) {
	switch {
	case p.ended:
	case errors.Is(err, kerr.OffsetOutOfRange):
		p.finishBehind(sarama.ErrOffsetOutOfRange)
	case moving(err):
		p.missed(err)
	default:
		p.report(err)
		_ = p.pause()
		p.lose(longPause)
	}
}

// missed looks for the leader again after an error that may pass by itself.
func (p *partition) missed(err error) {
	if p.ended {
		return
	}
	if p.tries > 0 && time.Since(p.vain) > quiet {
		p.report(err)
	}
	p.lose(p.pause())
}

// finishBehind ends the partition by an error, behind all that is to be delivered.
func (p *partition) finishBehind(err error) {
	p.place = resting
	if p.delivering {
		p.final = err
		return
	}
	p.finish(err)
}

func (p *partition) finish(err error) {
	p.report(err)
	p.end()
	p.reader.all.Go(func() { p.closing.Do(func() { p.consumer.forget(p) }) }) // it locks first, elsewhere
}

// report tells the partition's reader. What it has not read so far is enough.
func (p *partition) report(err error) {
	if p.ended {
		return
	}
	select {
	case p.errors <- &sarama.ConsumerError{Topic: p.topic, Partition: p.number, Err: err}:
	default:
	}
}

// moving reports whether the partition has another leader, or its broker does not know of it yet.
func moving(err error) bool {
	for _, e := range []error{
		kerr.NotLeaderForPartition, kerr.LeaderNotAvailable, kerr.ReplicaNotAvailable, kerr.UnknownTopicOrPartition, kerr.UnknownTopicID,
		kerr.InconsistentTopicID, kerr.FencedLeaderEpoch, kerr.UnknownLeaderEpoch, kerr.OffsetNotAvailable, kerr.KafkaStorageError,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// errRecreated ends a partition of a topic that is another one now.
func errRecreated(p *partition, is [16]byte) error {
	return fmt.Errorf("topic %s was deleted and made again (its id was %x and is %x)", p.topic, p.id, is)
}
