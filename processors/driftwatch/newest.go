package driftwatch

import "github.com/IBM/sarama"

// newest keeps the records that were read last, until they are looked at.
type newest struct {
	kept [newestRecords]*sarama.ConsumerMessage
	next int
}

const (
	// newestRecords are looked at, twice a second at most: a power of two.
	newestRecords = 8
	// newestBytes is the size of a record that is not held back for it.
	newestBytes = 1 << 20
)

func (n *newest) keep(m *sarama.ConsumerMessage) {
	if len(m.Value) > newestBytes {
		return
	}
	n.kept[n.next%newestRecords] = m
	n.next++
}

// take returns the records in their order, and forgets them.
func (n *newest) take() []*sarama.ConsumerMessage {
	var out []*sarama.ConsumerMessage
	for i := max(0, n.next-newestRecords); i < n.next; i++ {
		out = append(out, n.kept[i%newestRecords])
	}
	*n = newest{}
	return out
}
