package processors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/progress"
	"github.com/tidemark/tidemark/tables"
)

// refuse leaves the partition as it is until the claim is over, and goes on telling
// views so: what cannot be cured by trying again waits for somebody to change the configuration.
func (c *claim) refuse(ctx context.Context, err error) {
	c.seekCure(ctx, err)
	c.status.failed(c.partition, err)
	c.logger.Error("partition refused", "error", err)
	c.health.Tell(tables.Trouble{Reason: tables.PartitionRefused, Text: err.Error(), Stops: true})
	tick := time.NewTicker(progress.LifeSign)
	defer tick.Stop()
	for {
		c.progress.Repeat()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// The records that are looked at for a partitioner that fits them.
const (
	cureRecords  = 200
	curePatience = 3 * time.Second
)

// seekCure finds out which partitioner the records of a refused partition fit.
func (c *claim) seekCure(ctx context.Context, err error) {
	var refused *PartitionerError
	if !errors.As(err, &refused) {
		return
	}
	keys := append([][]byte{refused.Key}, c.keysFrom(ctx, refused.Offset)...)
	refused.Cure = cureOf(keys, c.partition, c.partitions)
}

// keysFrom reads the keys of the records from an offset on. What cannot be read at once
// is done without.
func (c *claim) keysFrom(ctx context.Context, offset int64) [][]byte {
	ctx, cancel := context.WithTimeout(ctx, curePatience)
	defer cancel()
	ends, err := kafka.EndOffsets(ctx, c.admin, c.sourceTopic)
	if err != nil || int(c.partition) >= len(ends) {
		return nil
	}
	var keys [][]byte
	span := logread.Span{From: offset + 1, End: ends[c.partition]}
	_ = logread.Read(ctx, c.admin, kafka.Topic{Name: c.sourceTopic}, c.partition, span, func(r *kgo.Record) error {
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

// cureOf says what to declare for keys that stand in one partition of several.
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
