package kafka

import (
	"strconv"
	"time"
)

// How the topics of a table are set up.
const (
	// CompactionLag is how long a record is safe from the log cleaner: a processor
	// that repairs a stale record must find the newer one still there.
	CompactionLag = time.Minute
	// TombstoneRetention is how long a tombstone can be read. A local store that is
	// older than this may have missed one and must be rebuilt.
	TombstoneRetention = 7 * 24 * time.Hour
	controlRetention   = 7 * 24 * time.Hour
	// KeyedRetention is how long the source's records are kept in the topic by decoded
	// keys. Processors that are away for longer miss some.
	KeyedRetention = 7 * 24 * time.Hour

	segmentAge   = 6 * time.Hour // the cleaner never touches the newest segment
	smallSegment = 16 << 20
	smallRecord  = 8<<20 + batchRoom // the largest batch of a topic that holds no rows
)

// layout is how one of our topics must be made.
type layout struct {
	name       string
	partitions int32
	compact    bool
	configs    map[string]string
}

// layouts returns the topics of a table whose source has so many partitions.
func (n Names) layouts(partitions int32, s Settings) []layout {
	most := s.topicBytes()
	return []layout{
		compacted(n.Table, partitions, most, nil),
		compacted(n.Snapshot, partitions, most, nil),
		compacted(n.Batches, 1, smallRecord, map[string]string{keySegmentBytes: strconv.Itoa(smallSegment)}),
		compacted(n.Progress, 1, smallRecord, map[string]string{keySegmentBytes: strconv.Itoa(smallSegment)}),
		{name: n.Batch, partitions: partitions, configs: map[string]string{
			keyPolicy: "delete", keyRetention: millis(controlRetention), keyMaxBytes: strconv.Itoa(most), // it carries before-images
		}},
		{name: n.DeadLetters, partitions: partitions, configs: map[string]string{
			keyPolicy: "delete", keyRetention: "-1", keyMaxBytes: strconv.Itoa(most),
		}},
	}
}

// repartitionedLayouts returns the topics that a table has beside these when its source's records
// are repartitioned by their keys first. Records by key are kept as long as control records:
// who processes them is away no longer, or has to begin anew. Of how far they have
// come, each partition of the topic by keys has a share.
func (n Names) repartitionedLayouts(partitions int32, s Settings) []layout {
	most := s.topicBytes()
	return []layout{
		{name: n.Keyed, partitions: partitions, configs: map[string]string{
			keyPolicy: "delete", keyRetention: millis(KeyedRetention), keyMaxBytes: strconv.Itoa(most),
		}},
		compacted(n.Repartitioned, partitions, smallRecord, map[string]string{keySegmentBytes: strconv.Itoa(smallSegment)}),
	}
}

const (
	keyPolicy          = "cleanup.policy"
	keyCompactionLag   = "min.compaction.lag.ms"
	keyDeleteRetention = "delete.retention.ms"
	keyRetention       = "retention.ms"
	keySegmentAge      = "segment.ms"
	keySegmentBytes    = "segment.bytes"
	keyMaxBytes        = "max.message.bytes"
)

func compacted(name string, partitions int32, most int, more map[string]string) layout {
	configs := map[string]string{
		keyPolicy:          "compact",
		keyCompactionLag:   millis(CompactionLag),
		keyDeleteRetention: millis(TombstoneRetention),
		keySegmentAge:      millis(segmentAge),
		keyMaxBytes:        strconv.Itoa(most),
	}
	for k, v := range more {
		configs[k] = v
	}
	return layout{name: name, partitions: partitions, compact: true, configs: configs}
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
