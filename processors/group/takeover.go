package group

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/events"
)

// The bounds of what is asked when a partition is taken over.
const (
	requestTimeout  = 5 * time.Second
	progressTimeout = 15 * time.Second
)

// startOf is the committed offset, unless the changelog was made again since the
// partition was last processed: then it is filled from the start of the source.
func (a *Assignment) startOf(ctx context.Context) (int64, error) {
	o, owners := &a.member.opts, &a.member.owners
	now, err := o.changelogNow(ctx)
	if err != nil {
		return 0, err
	}
	last, known, err := owners.lastChangelog(ctx, o, a.Partition)
	if err != nil {
		return 0, err
	}
	if !known || now.Since(kafka.Topic{Partitions: now.Partitions, ID: last}) == nil {
		return o.committed(ctx, a.Partition, a.initial)
	}
	o.Events.ChangelogRecreated(events.ChangelogRecreated{Scope: events.Scope{Partition: a.Partition}})
	a.Restart()
	// Once a progress record names this changelog, this code is not reached again.
	at, err := o.committed(ctx, a.Partition, -1)
	if err == nil && at > 0 {
		err = fmt.Errorf("the offset of %s/%d is still %d", o.Source.Name, a.Partition, at)
	}
	return 0, err
}

// changelogNow describes the changelog. One that is not the one that this process works on is
// an error: all of the table begins again soon.
func (o *Options) changelogNow(ctx context.Context) (kafka.Topic, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	now, err := kafka.Describe(ctx, o.Admin, o.Names.Table)
	if err == nil {
		err = now.Since(o.Changelog)
	}
	return now, err
}

// committed returns the partition's committed offset, or a negative number when there is
// none. Sarama hides one that is out of the topic's range, and with it that records were lost.
func (o *Options) committed(ctx context.Context, partition int32, initial int64) (int64, error) {
	if initial >= 0 {
		return initial, nil
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	offsets, err := kadm.NewClient(o.Admin).FetchOffsets(ctx, o.Names.Group)
	if err != nil {
		return 0, fmt.Errorf("look up the committed offset: %w", err)
	}
	at, ok := offsets.Lookup(o.Source.Name, partition)
	switch {
	case !ok:
		return initial, nil
	case at.Err != nil:
		return 0, fmt.Errorf("look up the committed offset: %w", at.Err)
	}
	return at.At, nil
}
