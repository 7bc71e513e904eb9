package stack

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// probe asks one broker for the cluster's metadata. An open port is not enough: a broker accepts
// connections before it is part of its cluster, and after a restart before its partitions have leaders.
type probe struct {
	client *kgo.Client
}

func newProbe(addr string) (*probe, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.RequestRetries(0))
	if err != nil {
		return nil, fmt.Errorf("make a client for %s: %w", addr, err)
	}
	return &probe{client: client}, nil
}

func (p *probe) close() { p.client.Close() }

// ready is nil when the broker lists all the nodes, and every partition that self alone holds has a leader.
func (p *probe) ready(ctx context.Context, self int32, nodes []int32) error {
	raw, err := p.client.SeedBrokers()[0].Request(ctx, kmsg.NewPtrMetadataRequest())
	if err != nil {
		return err
	}
	response, ok := raw.(*kmsg.MetadataResponse)
	if !ok {
		return fmt.Errorf("metadata answer is a %T", raw)
	}
	if response.ControllerID < 0 {
		return errors.New("the cluster has no controller")
	}
	listed := map[int32]bool{}
	for _, b := range response.Brokers {
		listed[b.NodeID] = true
	}
	for _, node := range nodes {
		if !listed[node] {
			return fmt.Errorf("node %d has not joined the cluster", node)
		}
	}
	return leaderless(response.Topics, self)
}

func leaderless(topics []kmsg.MetadataResponseTopic, node int32) error {
	for _, t := range topics {
		if t.Topic == nil {
			continue
		}
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
			return fmt.Errorf("topic %s: %w", *t.Topic, err)
		}
		for _, p := range t.Partitions {
			only := len(p.Replicas) == 1 && p.Replicas[0] == node
			if only && p.Leader != node {
				return fmt.Errorf("topic %s: partition %d has no leader", *t.Topic, p.Partition)
			}
		}
	}
	return nil
}
