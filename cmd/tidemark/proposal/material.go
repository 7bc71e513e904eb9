package proposal

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/kafka"
)

// heartbeats begins the names of the topics that connectors write signs of life to.
const heartbeats = "__debezium-heartbeat"

// ErrHeartbeats is returned for a topic that holds no rows.
var ErrHeartbeats = errors.New("it is a connector's topic of heartbeats, which holds no rows")

// material is a sample whose records are shown as JSON.
type material struct {
	topic   kafka.Topic
	placed  []*codecs.Record // as they are in the topic
	records []*codecs.Record
	avro    bool // whether that changed any
}

// read shows a sample's records as JSON.
func read(s *sample.Sample, schemas avro.Schemas) (*material, error) {
	if strings.HasPrefix(s.Topic.Name, heartbeats) {
		return nil, fmt.Errorf("topic %s: %w", s.Topic.Name, ErrHeartbeats)
	}
	records, binary, err := asJSON(s.Records, schemas)
	if err != nil {
		return nil, fmt.Errorf("topic %s: %w", s.Topic.Name, err)
	}
	return &material{topic: s.Topic, placed: s.Records, records: records, avro: binary}, nil
}

// byTable divides the records by the source's tables that they tell. Those that tell none,
// such as deletions without a value, are with no table.
func (o *material) byTable() map[string]*material {
	out := map[string]*material{}
	for i, r := range o.records {
		table := tableOf(r)
		if table == "" {
			continue
		}
		of := out[table]
		if of == nil {
			of = &material{topic: o.topic, avro: o.avro}
			out[table] = of
		}
		of.records, of.placed = append(of.records, r), append(of.placed, o.placed[i])
	}
	return out
}

// tableOf returns the source's table that a record tells, or nothing.
func tableOf(r *codecs.Record) string {
	_, payload := unwrap(r.Value)
	ms, ok := members(payload)
	if !ok {
		return ""
	}
	return toldTable(formatOf(r.Key, ms), ms)
}

// Newest returns the newest records of a sample, of so many bytes together at most.
func Newest(records []*codecs.Record, most, bytes int) []*codecs.Record {
	records = slices.Clone(records)
	slices.SortStableFunc(records, func(a, b *codecs.Record) int { return b.Time.Compare(a.Time) })
	for i, r := range records {
		if bytes -= len(r.Value) + len(r.Key); bytes < 0 && i > 0 || i == most {
			return slices.Clip(records[:i:i])
		}
	}
	return records
}
