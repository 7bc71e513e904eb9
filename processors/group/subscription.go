package group

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// place is a partition of a table's changelog, which the group shares out.
type place struct {
	topic     string
	partition int32
}

// subscription is what a member says of itself when it joins: the topics that it asks for with their numbers of
// partitions, and what it owns as of a generation of the group.
type subscription struct {
	topics     map[string]int32
	owned      map[place]bool
	generation int32
}

const (
	subscriptionVersion = 1 // of the bytes that are ours
	protocolVersion     = 2 // of the protocol's: with what is owned, and since when
	maxPartitions       = 1 << 20
)

// encode makes the bytes of the consumer protocol. Whoever shares out may not ask for a topic itself, so
// the numbers of partitions are in the part that is ours, behind the generation that other assignors expect there.
func (s *subscription) encode() []byte {
	m := kmsg.NewConsumerMemberMetadata()
	m.Version, m.Generation = protocolVersion, s.generation
	m.Topics = slices.Sorted(maps.Keys(s.topics))
	m.UserData = append(binary.BigEndian.AppendUint32(nil, uint32(s.generation)), subscriptionVersion)
	for _, topic := range m.Topics {
		m.UserData = binary.AppendUvarint(m.UserData, uint64(s.topics[topic]))
	}
	for topic, partitions := range byTopic(s.owned) {
		owned := kmsg.NewConsumerMemberMetadataOwnedPartition()
		owned.Topic, owned.Partitions = topic, partitions
		m.OwnedPartitions = append(m.OwnedPartitions, owned)
	}
	slices.SortFunc(m.OwnedPartitions, func(a, b kmsg.ConsumerMemberMetadataOwnedPartition) int {
		return strings.Compare(a.Topic, b.Topic)
	})
	return m.AppendTo(nil)
}

// decodeSubscription reads what encode makes.
func decodeSubscription(b []byte) (*subscription, error) {
	var m kmsg.ConsumerMemberMetadata
	if err := m.ReadFrom(b); err != nil {
		return nil, fmt.Errorf("subscription of a member: %w", err)
	}
	s := &subscription{topics: map[string]int32{}, owned: map[place]bool{}, generation: m.Generation}
	const head = 5
	if len(m.UserData) < head || m.UserData[head-1] != subscriptionVersion {
		return nil, fmt.Errorf("subscription of a member: its version is not known")
	}
	counts := m.UserData[head:]
	for _, topic := range m.Topics {
		n, size := binary.Uvarint(counts)
		if size <= 0 || n > maxPartitions {
			return nil, fmt.Errorf("subscription of a member: the number of partitions of %s is not readable", topic)
		}
		counts, s.topics[topic] = counts[size:], int32(n)
	}
	for _, owned := range m.OwnedPartitions {
		for _, p := range owned.Partitions {
			s.owned[place{owned.Topic, p}] = true
		}
	}
	return s, nil
}

// encodeAssignment makes the bytes of what a member is given.
func encodeAssignment(given []place) []byte {
	m := kmsg.NewConsumerMemberAssignment()
	set := map[place]bool{}
	for _, p := range given {
		set[p] = true
	}
	for topic, partitions := range byTopic(set) {
		t := kmsg.NewConsumerMemberAssignmentTopic()
		t.Topic, t.Partitions = topic, partitions
		m.Topics = append(m.Topics, t)
	}
	slices.SortFunc(m.Topics, func(a, b kmsg.ConsumerMemberAssignmentTopic) int { return strings.Compare(a.Topic, b.Topic) })
	return m.AppendTo(nil)
}

// decodeAssignment reads what encodeAssignment makes. No bytes are no partitions.
func decodeAssignment(b []byte) (map[place]bool, error) {
	given := map[place]bool{}
	if len(b) == 0 {
		return given, nil
	}
	var m kmsg.ConsumerMemberAssignment
	if err := m.ReadFrom(b); err != nil {
		return nil, fmt.Errorf("assignment of the group: %w", err)
	}
	for _, t := range m.Topics {
		for _, p := range t.Partitions {
			given[place{t.Topic, p}] = true
		}
	}
	return given, nil
}

// byTopic returns the partitions of each topic, in order.
func byTopic(places map[place]bool) map[string][]int32 {
	out := map[string][]int32{}
	for p := range places {
		out[p.topic] = append(out[p.topic], p.partition)
	}
	for _, partitions := range out {
		slices.Sort(partitions)
	}
	return out
}
