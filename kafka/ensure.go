package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/tables"
)

// leaderPoll is how often brokers are asked whether a new topic's partitions serve.
const leaderPoll = 50 * time.Millisecond

// freshMetadata is how long the client of a check may rely on what it has heard
// of a topic: not the usual seconds, since the topics are being made.
const freshMetadata = 10 * time.Millisecond

// Fresh is the option of a client that makes and checks topics.
func Fresh() kgo.Opt { return kgo.MetadataMinAge(freshMetadata) }

// Ensure makes the topics of a table that do not exist, waits until every
// partition of them serves, and checks those that existed. Several processes may
// do it at once. It returns the topic that processors read, whose partitions the
// others copy: the source topic, or the one of its records by their keys.
//
// The error holds ErrNoSource when the source topic does not exist, a
// *PartitionsError or a *PolicyError when a topic of ours cannot be used as it is.
// What is merely unwise is reported by Inspect.
func Ensure(ctx context.Context, s Settings, t *tables.Table) (Topic, error) {
	client, err := s.Client(Fresh())
	if err != nil {
		return Topic{}, err
	}
	defer client.Close()
	return EnsureBy(ctx, client, s, t)
}

// EnsureBy is Ensure by a client of Fresh, which others may use, too.
func EnsureBy(ctx context.Context, client *kgo.Client, s Settings, t *tables.Table) (Topic, error) {
	source, err := Describe(ctx, client, t.Source.Topic)
	if err != nil {
		return Topic{}, err
	}
	if source.Partitions < 1 || source.Partitions > tables.MaxPartitions {
		return Topic{}, fmt.Errorf("topic %s has %d partitions, want 1 to %d", source.Name, source.Partitions, tables.MaxPartitions)
	}
	n := s.Names(t)
	input := source
	if t.Repartitioned() {
		if input, err = ensureKeyed(ctx, client, s, n, source); err != nil {
			return Topic{}, err
		}
	}
	all := n.layouts(input.Partitions, s)
	if err := create(ctx, client, s.ReplicationFactor, all); err != nil {
		return Topic{}, err
	}
	if err := awaitLeaders(ctx, client, append(names(all), source.Name)); err != nil {
		return Topic{}, err
	}
	return input, verify(ctx, client, all)
}

// ensureKeyed makes the topic of the source's records by their keys, with as many
// partitions as the source has then: a source that grows later changes nothing.
func ensureKeyed(ctx context.Context, client *kgo.Client, s Settings, n Names, source Topic) (Topic, error) {
	first := n.repartitionedLayouts(source.Partitions, s)[:1]
	if err := create(ctx, client, s.ReplicationFactor, first); err != nil {
		return Topic{}, err
	}
	if err := awaitLeaders(ctx, client, names(first)); err != nil {
		return Topic{}, err
	}
	keyed, err := Describe(ctx, client, n.Keyed)
	if err != nil {
		return Topic{}, err
	}
	all := n.repartitionedLayouts(keyed.Partitions, s)
	if err := create(ctx, client, s.ReplicationFactor, all); err != nil {
		return Topic{}, err
	}
	if err := awaitLeaders(ctx, client, names(all)); err != nil {
		return Topic{}, err
	}
	return keyed, verify(ctx, client, all)
}

func names(all []layout) []string {
	out := make([]string, len(all))
	for i, l := range all {
		out[i] = l.name
	}
	return out
}

// create makes what is missing. Another process that was faster is no fault.
func create(ctx context.Context, client *kgo.Client, replication int16, all []layout) error {
	if replication == 0 {
		replication = -1
	}
	admin := kadm.NewClient(client)
	md, err := admin.Metadata(ctx, names(all)...)
	if err != nil {
		return fmt.Errorf("look for the table's topics: %w", err)
	}
	for _, l := range all {
		if md.Topics.Has(l.name) {
			continue
		}
		configs := make(map[string]*string, len(l.configs))
		for k, v := range l.configs {
			configs[k] = &v
		}
		_, err := admin.CreateTopic(ctx, l.partitions, replication, configs, l.name)
		if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			return fmt.Errorf("make topic %s: %w", l.name, err)
		}
	}
	return nil
}

// awaitLeaders waits until the leader of every partition answers for it: right
// after a topic was made a broker may be named as leader and not know it yet.
func awaitLeaders(ctx context.Context, client *kgo.Client, topics []string) error {
	admin := kadm.NewClient(client)
	tick := time.NewTicker(leaderPoll)
	defer tick.Stop()
	for {
		offsets, err := admin.ListEndOffsets(ctx, topics...)
		if err == nil {
			err = offsets.Error()
		}
		if err == nil {
			return nil
		}
		if !settling(err) {
			return fmt.Errorf("wait for the leaders of %v: %w", topics, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the leaders of %v: %w (last: %w)", topics, context.Cause(ctx), err)
		case <-tick.C:
		}
	}
}

// settling reports whether the error goes away when the cluster knows of the topic everywhere.
func settling(err error) bool {
	for _, e := range []error{
		kerr.UnknownTopicOrPartition, kerr.LeaderNotAvailable, kerr.NotLeaderForPartition,
		kerr.FencedLeaderEpoch, kerr.UnknownLeaderEpoch, kerr.ReplicaNotAvailable, kerr.UnknownTopicID,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// verify checks what cannot be worked with: partition counts and cleanup policies.
func verify(ctx context.Context, client *kgo.Client, all []layout) error {
	found, err := inspectTopics(ctx, client, all)
	if err != nil {
		return err
	}
	var errs []error
	for _, f := range found {
		if f.Err != nil {
			errs = append(errs, f.Err)
		}
	}
	return errors.Join(errs...)
}
