package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/tables"
)

// EnsureGenerations makes the topic that says which generations a table has, where it
// is missing, and waits until it serves. The source topic need not exist. The client is one of Fresh.
func EnsureGenerations(ctx context.Context, client *kgo.Client, s Settings, t *tables.Table) error {
	all := []layout{compacted(s.Names(t).Generations, 1, smallRecord, nil)}
	if err := create(ctx, client, s.ReplicationFactor, all); err != nil {
		return err
	}
	if err := awaitLeaders(ctx, client, names(all)); err != nil {
		return err
	}
	return verify(ctx, client, all)
}

// Groupless reports whether no process shares out the partitions of a table's generation: none asks for them in the group of
// all processes, and its own group, in which those of older versions are, has no member.
func Groupless(ctx context.Context, s Settings, t *tables.Table) (bool, error) {
	client, err := s.Client()
	if err != nil {
		return false, err
	}
	defer client.Close()
	names := s.Names(t)
	described, err := kadm.NewClient(client).DescribeGroups(ctx, names.Group, s.MembersGroup())
	if err != nil {
		return false, fmt.Errorf("describe the groups of %s: %w", names.Group, err)
	}
	for _, g := range described {
		if g.Err != nil && !errors.Is(g.Err, kerr.GroupIDNotFound) {
			return false, fmt.Errorf("describe group %s: %w", g.Group, g.Err)
		}
		for i := range g.Members {
			c, known := g.Members[i].Join.AsConsumer()
			if g.Group == names.Group || !known || slices.Contains(c.Topics, names.Table) {
				return false, nil
			}
		}
	}
	return true, nil
}

// Remove deletes the topics of a table's generation and its consumer group. Dead
// letters that were not dealt with stay: nobody else has those records. What is gone
// already is no fault.
func Remove(ctx context.Context, s Settings, t *tables.Table) error {
	client, err := s.Client()
	if err != nil {
		return err
	}
	defer client.Close()
	n := s.Names(t)
	gone := []string{n.Table, n.Batch, n.Snapshot, n.Batches, n.Progress, n.Keyed, n.Repartitioned}
	admin := kadm.NewClient(client)
	starts, err := admin.ListStartOffsets(ctx, n.DeadLetters)
	if err != nil {
		return fmt.Errorf("look for dead letters of generation %d: %w", t.Generation, err)
	}
	ends, err := admin.ListEndOffsets(ctx, n.DeadLetters)
	if err != nil {
		return fmt.Errorf("look for dead letters of generation %d: %w", t.Generation, err)
	}
	if starts.Error() == nil && ends.Error() == nil && records(starts, ends) == 0 {
		gone = append(gone, n.DeadLetters)
	}
	answers, err := admin.DeleteTopics(ctx, gone...)
	if err != nil {
		return fmt.Errorf("delete the topics of %s: %w", n.Group, err)
	}
	var errs []error
	for _, a := range answers {
		if a.Err != nil && !errors.Is(a.Err, kerr.UnknownTopicOrPartition) {
			errs = append(errs, fmt.Errorf("delete topic %s: %w", a.Topic, a.Err))
		}
	}
	groups, err := admin.DeleteGroups(ctx, n.Group)
	if err != nil {
		errs = append(errs, fmt.Errorf("delete group %s: %w", n.Group, err))
	} else if err := groups[n.Group].Err; err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		errs = append(errs, fmt.Errorf("delete group %s: %w", n.Group, err))
	}
	return errors.Join(errs...)
}

func records(starts, ends kadm.ListedOffsets) (n int64) {
	ends.Each(func(end kadm.ListedOffset) {
		if start, ok := starts.Lookup(end.Topic, end.Partition); ok {
			n += end.Offset - start.Offset
		}
	})
	return n
}
