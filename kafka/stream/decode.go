package stream

import (
	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// chunk is what a fetch returned of a partition.
type chunk struct {
	got      *kmsg.FetchResponseTopicPartition // nil once it is decoded
	messages []sarama.ConsumerMessage
	next     int64 // the offset behind the last whole batch
	stable   int64 // up to which records are committed or aborted
	size     int   // bytes of the messages
}

// decode makes the messages from an offset on. With an error there may be messages before it.
func (c *chunk) decode(topic string, at int64) error {
	if c.got == nil {
		return nil
	}
	decoded, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{
		Offset: at, IsolationLevel: kgo.ReadCommitted(), Topic: topic, Partition: c.got.Partition,
	}, c.got, kgo.DefaultDecompressor(), nil)
	c.messages = make([]sarama.ConsumerMessage, len(decoded.Records))
	c.got, c.next = nil, next
	names := headers(decoded.Records)
	for i, r := range decoded.Records {
		c.messages[i] = sarama.ConsumerMessage{
			Headers: names.of(r), Timestamp: r.Timestamp, BlockTimestamp: r.Timestamp,
			Key: r.Key, Value: r.Value, Topic: topic, Partition: r.Partition, Offset: r.Offset,
		}
		c.size += recordSize + len(r.Key) + len(r.Value)
		for _, h := range r.Headers {
			c.size += len(h.Key) + len(h.Value)
		}
	}
	return decoded.Err
}

// headerSlab has the headers of a chunk in one piece of memory, and each of their names once.
type headerSlab struct {
	headers  []sarama.RecordHeader
	pointers []*sarama.RecordHeader
	names    map[string][]byte
}

func headers(records []*kgo.Record) *headerSlab {
	n := 0
	for _, r := range records {
		n += len(r.Headers)
	}
	if n == 0 {
		return nil
	}
	return &headerSlab{
		headers: make([]sarama.RecordHeader, 0, n), pointers: make([]*sarama.RecordHeader, 0, n), names: map[string][]byte{},
	}
}

// of returns the headers of the next record.
func (s *headerSlab) of(r *kgo.Record) []*sarama.RecordHeader {
	if len(r.Headers) == 0 {
		return nil
	}
	from := len(s.pointers)
	for _, h := range r.Headers {
		name, known := s.names[h.Key]
		if !known {
			name = []byte(h.Key)
			s.names[h.Key] = name
		}
		s.headers = append(s.headers, sarama.RecordHeader{Key: name, Value: h.Value})
		s.pointers = append(s.pointers, &s.headers[len(s.headers)-1])
	}
	return s.pointers[from:len(s.pointers):len(s.pointers)]
}
