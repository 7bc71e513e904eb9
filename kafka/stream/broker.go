package stream

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// broker is one that leads partitions.
type broker struct {
	reader *Reader
	node   int32

	behind, settled chan struct{} // signalled when a partition waits to be fetched, or to be followed

	// Guarded by the reader's mutex.
	waiting []*partition // in the order in which they are fetched
	session session      // of the partitions that are followed
	polled  int          // partitions at their ends that a request of what is behind has
	adopt   bool         // such partitions are left to the session: it takes them with its next request
}

func newBroker(r *Reader, node int32) *broker {
	return &broker{reader: r, node: node, behind: make(chan struct{}, 1), settled: make(chan struct{}, 1), session: newSession()}
}

// wake has both connections look at what waits.
func (b *broker) wake() {
	signal(b.behind)
	signal(b.settled)
}

// fetch sends a request over a client's connection to the broker.
func (b *broker) fetch(ctx context.Context, client *kgo.Client, req *kmsg.FetchRequest) (*kmsg.FetchResponse, error) {
	resp, err := client.Broker(int(b.node)).Request(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("fetch from broker %d: %w", b.node, err)
	}
	return resp.(*kmsg.FetchResponse), nil
}

// newFetch is a request for committed records.
func newFetch(wait, most int32) *kmsg.FetchRequest {
	req := kmsg.NewPtrFetchRequest()
	req.MaxWaitMillis, req.MinBytes, req.MaxBytes, req.IsolationLevel = wait, 1, most, 1
	return req
}

// asking adds partitions to a request, those of a topic together.
type asking struct {
	req    *kmsg.FetchRequest
	topics map[string]int
	names  map[[16]byte]string // of a request without a session
}

func newAsking(req *kmsg.FetchRequest) *asking {
	return &asking{req: req, topics: map[string]int{}, names: map[[16]byte]string{}}
}

func (a *asking) add(at spot, id [16]byte, offset int64, most int32) {
	i, known := a.topics[at.topic]
	if !known {
		i = len(a.req.Topics)
		t := kmsg.NewFetchRequestTopic()
		t.Topic, t.TopicID = at.topic, id
		a.req.Topics = append(a.req.Topics, t)
		a.topics[at.topic] = i
	}
	p := kmsg.NewFetchRequestTopicPartition()
	p.Partition, p.FetchOffset, p.PartitionMaxBytes = at.number, offset, most
	a.req.Topics[i].Partitions = append(a.req.Topics[i].Partitions, p)
}

// each calls fn with the partitions of an answer. Newer brokers name topics by id only.
func each(resp *kmsg.FetchResponse, names map[[16]byte]string, fn func(at spot, got *kmsg.FetchResponseTopicPartition)) {
	for i := range resp.Topics {
		t := &resp.Topics[i]
		name := t.Topic
		if name == "" {
			name = names[t.TopicID]
		}
		for j := range t.Partitions {
			fn(spot{name, t.Partitions[j].Partition}, &t.Partitions[j])
		}
	}
}

// sessionOver reports whether the error means that the broker has forgotten the session.
func sessionOver(err error) bool {
	switch err {
	case kerr.FetchSessionIDNotFound, kerr.InvalidFetchSessionEpoch, kerr.FetchSessionTopicIDError, kerr.InconsistentTopicID, kerr.UnknownTopicID:
		return true
	}
	return false
}
