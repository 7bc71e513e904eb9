package processors

import (
	"context"
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/processors/events"
)

// recordRoom is what a record needs around its key and value, headers included.
const recordRoom = 256

// recordLimit is how large a row may be.
type recordLimit struct {
	rows  int    // bytes of key and state row, as declared
	bytes int    // of a record with key, value and headers, as the topics accept it
	topic string // the one that accepts the least, where that is less than the declared limit needs
}

// exceeds says why a row of so many bytes of key and value cannot be held, or "".
func (l recordLimit) exceeds(key, value int) string {
	switch n := key + value; {
	case n > l.rows:
		return fmt.Sprintf("it takes %d bytes and limits.row_bytes is %d", n, l.rows)
	case n+recordRoom > l.bytes:
		return fmt.Sprintf("it takes %d bytes and the topic %s accepts %d", n+recordRoom, l.topic, l.bytes)
	}
	return ""
}

// findLimit is the largest record that every topic with rows accepts, as the topics are set
// up: a row that the changelog takes and a batch does not would leave the table without batches.
// The error of a broker that does not report its limit is no fault: then the layout's limit holds.
func (p *Processor) findLimit(ctx context.Context, client *kgo.Client) (recordLimit, error) {
	limit := recordLimit{bytes: p.opts.Kafka.MaxRecordBytes(), rows: p.opts.Kafka.Rows()}
	topics := []string{p.names.Table, p.names.Snapshot}
	configs, err := kadm.NewClient(client).DescribeTopicConfigs(ctx, topics...)
	if err != nil {
		return limit, fmt.Errorf("describe the settings of the topics %v: %w", topics, err)
	}
	for _, topic := range topics {
		rc, err := configs.On(topic, nil)
		if err != nil {
			continue
		}
		for _, c := range rc.Configs {
			if c.Key != "max.message.bytes" || c.Value == nil {
				continue
			}
			if n, err := strconv.Atoi(*c.Value); err == nil && n > 0 && n-recordRoom < limit.bytes {
				limit.bytes, limit.topic = n-recordRoom, topic
			}
		}
	}
	if limit.topic != "" && limit.bytes < limit.rows {
		p.events.TopicAcceptsLess(events.TopicAcceptsLess{Topic: limit.topic, Accepts: limit.bytes, Allowed: limit.rows})
	}
	return limit, nil
}
