package sources

import (
	"context"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/integration/harness"
)

// topic reads all that a connector writes to one topic, from its start.
type topic struct {
	name    string
	brokers string
	client  *kgo.Client
	records []*kgo.Record
}

func newTopic(brokers, name string) *topic { return &topic{name: name, brokers: brokers} }

func (t *topic) close() {
	if t.client != nil {
		t.client.Close()
	}
}

// poll reads what comes next. A topic that is not there yet is waited for.
func (t *topic) poll(ctx context.Context) error {
	if t.client == nil {
		client, err := kgo.NewClient(
			kgo.SeedBrokers(strings.Split(t.brokers, ",")...), kgo.ConsumeTopics(t.name),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.UnknownTopicRetries(-1),
		)
		if err != nil {
			return err
		}
		t.client = client
	}
	fetches := t.client.PollFetches(ctx)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("topic %s has %d records: %w", t.name, len(t.records), err)
	}
	t.records = append(t.records, fetches.Records()...)
	return nil
}

// wait reads until there are n records.
func (t *topic) wait(ctx context.Context, n int64) error {
	for int64(len(t.records)) < n {
		if err := t.poll(ctx); err != nil {
			return fmt.Errorf("wait for %d: %w", n, err)
		}
	}
	return nil
}

// complete reads until a record holds the last row, and every key has a record.
func (t *topic) complete(ctx context.Context, last string, keys []string) error {
	for {
		missing := t.missing(last, keys)
		if missing == "" {
			return nil
		}
		if err := t.poll(ctx); err != nil {
			return fmt.Errorf("wait for %s: %w", missing, err)
		}
	}
}

func (t *topic) missing(last string, keys []string) string {
	seen, ended := map[string]bool{}, false
	for _, r := range t.records {
		ended = ended || strings.Contains(string(r.Value), last)
		for _, k := range keys {
			if strings.Contains(string(r.Key), k) {
				seen[k] = true
			}
		}
	}
	for _, k := range keys {
		if !seen[k] {
			return "key " + k
		}
	}
	if !ended {
		return "the last record"
	}
	return ""
}

// events are the records in the order of their times, and of each partition.
func (t *topic) events() []harness.Event {
	queues := map[int32][]*kgo.Record{}
	for _, r := range t.records {
		queues[r.Partition] = append(queues[r.Partition], r)
	}
	var out []harness.Event
	for len(queues) > 0 {
		first := int32(-1)
		for p, q := range queues {
			if first < 0 || q[0].Timestamp.Before(queues[first][0].Timestamp) || q[0].Timestamp.Equal(queues[first][0].Timestamp) && p < first {
				first = p
			}
		}
		e := harness.EventOf(queues[first][0])
		e.Topic = ""
		out = append(out, e)
		if queues[first] = queues[first][1:]; len(queues[first]) == 0 {
			delete(queues, first)
		}
	}
	return out
}
