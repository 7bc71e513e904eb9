package group

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/events"
)

// The bounds of what is asked when a partition is taken over.
const (
	requestTimeout  = 5 * time.Second
	progressTimeout = 15 * time.Second
)

// oldest is where a partition begins that nothing is committed of.
const oldest = -2

// startOf is the committed offset, unless the changelog was made again since the
// partition was last processed: then it is filled from the start of the source.
func (a *Assignment) startOf(ctx context.Context) (int64, error) {
	t := a.table
	now, err := t.changelog.now(ctx, t.changelogNow)
	if err != nil {
		return 0, err
	}
	bounded, cancel := context.WithTimeout(ctx, progressTimeout)
	owners, err := t.owners.now(bounded, t.lastOwners)
	cancel()
	if err != nil {
		return 0, err
	}
	last, known := owners[a.Partition]
	if known && now.Since(kafka.Topic{Partitions: now.Partitions, ID: last.changelog}) != nil {
		return 0, a.startAgain(ctx)
	}
	at, err := t.committed(ctx, a.Partition)
	if err == nil && at < 0 && known && last.source == t.o.Source.ID {
		at = last.next // the group's offsets have expired, and what was done is known all the same
	}
	if err == nil && at >= 0 {
		t.offsets.found(a, at)
	}
	return at, err
}

// startAgain commits that the partition is read from its start, for a changelog that was made again.
// Once a progress record names this changelog, this code is not reached again.
func (a *Assignment) startAgain(ctx context.Context) error {
	t := a.table
	t.o.Events.ChangelogRecreated(events.ChangelogRecreated{Scope: events.Scope{Partition: a.Partition}})
	a.Restart()
	at, err := t.committed(ctx, a.Partition)
	if err == nil && at > 0 {
		err = fmt.Errorf("the offset of %s/%d is still %d", t.o.Source.Name, a.Partition, at)
	}
	return err
}

// changelogNow describes the changelog. One that is not the one that this process works on is
// an error: all of the table begins again soon.
func (t *Table) changelogNow(ctx context.Context) (kafka.Topic, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	now, err := kafka.Describe(ctx, t.o.Admin, t.o.Names.Table)
	if err == nil {
		err = now.Since(t.o.Changelog)
	}
	return now, err
}

// committed returns the partition's committed offset, or a negative number when there is none.
func (t *Table) committed(ctx context.Context, partition int32) (int64, error) {
	all, err := t.group.now(ctx, t.committedNow)
	if err != nil {
		return 0, err
	}
	at, ok := all.Lookup(t.o.Source.Name, partition)
	switch {
	case !ok:
		return oldest, nil
	case at.Err != nil:
		return 0, fmt.Errorf("look up the committed offset: %w", at.Err)
	}
	if at.At < 0 {
		return oldest, nil
	}
	return at.At, nil
}

func (t *Table) committedNow(ctx context.Context) (kadm.OffsetResponses, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	all, err := kadm.NewClient(t.o.Admin).FetchOffsets(ctx, t.o.Names.Group)
	switch {
	case errors.Is(err, kerr.GroupIDNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look up the committed offset: %w", err)
	}
	return all, nil
}
