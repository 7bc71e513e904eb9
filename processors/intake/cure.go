package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/tables"
)

// The records that are looked at for a partitioner that fits them.
const (
	cureRecords  = 200
	curePatience = 3 * time.Second
)

// SeekCure finds out which partitioner the records of a refused partition fit.
func (e *PartitionerError) SeekCure(ctx context.Context, client *kgo.Client, partitions int32) {
	keys := append([][]byte{e.Key}, e.keysBehind(ctx, client)...)
	e.Cure = cureOf(keys, e.Partition, partitions)
}

// keysBehind reads the keys of the records behind the one that was refused. What cannot be read at once
// is done without.
func (e *PartitionerError) keysBehind(ctx context.Context, client *kgo.Client) [][]byte {
	ctx, cancel := context.WithTimeout(ctx, curePatience)
	defer cancel()
	ends, err := kafka.EndOffsets(ctx, client, e.Topic)
	if err != nil || int(e.Partition) >= len(ends) {
		return nil
	}
	var keys [][]byte
	span := logread.Span{From: e.Offset + 1, End: ends[e.Partition]}
	_ = logread.Read(ctx, client, kafka.Topic{Name: e.Topic}, e.Partition, span, func(r *kgo.Record) error {
		if r.Key != nil {
			keys = append(keys, r.Key)
		}
		if len(keys) == cureRecords {
			return errEnoughKeys
		}
		return nil
	})
	return keys
}

// errEnoughKeys ends the reading of keys.
var errEnoughKeys = errors.New("enough keys were read")

// cureOf says what to declare for keys that are in one partition of several.
func cureOf(keys [][]byte, partition, partitions int32) string {
	var fits []tables.Partitioner
	for _, p := range []tables.Partitioner{tables.PartitionMurmur2, tables.PartitionFNV1a, tables.PartitionCRC32} {
		all := true
		for _, key := range keys {
			at, known := kafka.PartitionOf(p, key, partitions)
			all = all && (!known || at == partition)
		}
		if all {
			fits = append(fits, p)
		}
	}
	switch len(fits) {
	case 1:
		return fmt.Sprintf("declare source.partitioner: %s, which fits all of them (%d records of this partition were looked at)", fits[0], len(keys))
	case 0:
		return fmt.Sprintf("no partitioner fits all of %d records of this partition: declare source.partitioner: any, "+
			"unless the producers can be made to use one", len(keys))
	}
	return "declare the partitioner that the producer uses; tidemark check looks at more records to tell which it is"
}
