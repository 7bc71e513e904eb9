package processors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/kafka/retry"
)

// start finds where a claimed partition is to be read from; negative is the oldest record.
// What cannot be looked up is not guessed: it is asked again until the partition is lost.
func (m *member) start(ctx context.Context, partition int32, initial int64) (int64, error) {
	for pauses := retry.Supervised(); ; {
		start, err := m.startOf(ctx, partition, initial)
		if err == nil || ctx.Err() != nil {
			return start, err
		}
		m.status.failed(partition, err)
		pause := pauses.Failed(0)
		m.logger.Warn("start of the partition not known, it is asked again", "partition", partition, "error", err, "after", pause)
		if retry.Pause(ctx, pause) != nil {
			return 0, ctx.Err()
		}
	}
}

// startOf is the committed offset, unless the changelog was made again since the
// partition was last processed: then it is filled from the start of the source.
func (m *member) startOf(ctx context.Context, partition int32, initial int64) (int64, error) {
	now, err := describe(ctx, m.admin, m.names.Table)
	if err != nil {
		return 0, err
	}
	if err := now.Since(kafka.Topic{Name: m.names.Table, Partitions: m.partitions, ID: m.changelogID}); err != nil {
		return 0, err // all of the table begins again soon
	}
	last, known, err := m.lastChangelog(ctx, partition)
	if err != nil {
		return 0, err
	}
	if !known || now.Since(kafka.Topic{Partitions: now.Partitions, ID: last}) == nil {
		return m.committed(ctx, partition, initial)
	}
	m.logger.Warn("changelog made again: the partition is read from the start of the source", "partition", partition)
	m.session.group.ResetOffset(m.sourceTopic, partition, 0, "")
	m.session.group.Commit()
	// Once progress tells of this changelog nobody comes back here.
	at, err := m.committed(ctx, partition, -1)
	if err == nil && at > 0 {
		err = fmt.Errorf("the offset of %s/%d is still %d", m.sourceTopic, partition, at)
	}
	return 0, err
}

// committed returns the partition's committed offset, or a negative number when there is
// none. Sarama hides one that is out of the topic's range, and with it that records were lost.
func (s *shared) committed(ctx context.Context, partition int32, initial int64) (int64, error) {
	if initial >= 0 {
		return initial, nil
	}
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	offsets, err := kadm.NewClient(s.admin).FetchOffsets(ctx, s.names.Group)
	if err != nil {
		return 0, fmt.Errorf("look up the committed offset: %w", err)
	}
	o, ok := offsets.Lookup(s.sourceTopic, partition)
	switch {
	case !ok:
		return initial, nil
	case o.Err != nil:
		return 0, fmt.Errorf("look up the committed offset: %w", o.Err)
	}
	return o.At, nil
}

// lastOwners knows the changelogs that the partitions were last processed with, as the
// progress topic tells. Claims come together, so they share a look.
type lastOwners struct {
	busy       chan struct{} // has room for who looks
	looked     time.Time     // when the last look began
	changelogs map[int32][16]byte
}

func newLastOwners() lastOwners { return lastOwners{busy: make(chan struct{}, 1)} }

const progressTimeout = 15 * time.Second

// lastChangelog is the id of the changelog that the partition was last processed with,
// as of now.
func (s *shared) lastChangelog(ctx context.Context, partition int32) (id [16]byte, known bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, progressTimeout)
	defer cancel()
	asked, l := time.Now(), &s.owners
	select {
	case l.busy <- struct{}{}:
		defer func() { <-l.busy }()
	case <-ctx.Done():
		return id, false, ctx.Err()
	}
	if l.changelogs == nil || l.looked.Before(asked) {
		began := time.Now()
		found, err := s.readOwners(ctx)
		if err != nil {
			return id, false, fmt.Errorf("look up what the partition was last processed with: %w", err)
		}
		l.looked, l.changelogs = began, found
	}
	id, known = l.changelogs[partition]
	return id, known, nil
}

func (s *shared) readOwners(ctx context.Context) (map[int32][16]byte, error) {
	topic, err := kafka.Describe(ctx, s.admin, s.names.Progress)
	if err != nil {
		return nil, err
	}
	found := map[int32][16]byte{}
	_, err = logread.Back(ctx, s.admin, topic, 0, func(r *kgo.Record) {
		if wire.IsBootstrapKey(r.Key) {
			return
		}
		m, err := wire.ParseProgress(r.Value)
		if err != nil {
			return
		}
		s.recall.put(m.Partition, r, s.changelogID) // the claims need it next
		for _, h := range r.Headers {               // the last record of a partition counts
			if h.Key == changelogName {
				found[m.Partition] = topicID(h.Value)
			}
		}
	}, func() bool { return len(found) >= int(s.partitions) })
	return found, err
}

// openBeats opens the connection of the lease's own heartbeats; without a lease there is none.
func (m *member) openBeats() (*kgo.Client, error) {
	if m.opts.NoLease {
		return nil, nil
	}
	dial := m.dial
	if dial == nil {
		dial = func() (*kgo.Client, error) { return m.opts.Kafka.Client() }
	}
	client, err := dial()
	if err != nil {
		return nil, errors.Join(errNoBeats, err)
	}
	return client, nil
}
