package events

import (
	"time"

	"github.com/tidemark/tidemark/hooks"
)

// ChangelogRestarts says that goka's view of the changelog ended.
type ChangelogRestarts struct {
	Topic string
	Pause time.Duration // until the next one
	Err   error
}

// Line implements hooks.Event.
func (e ChangelogRestarts) Line() hooks.Line {
	return hooks.Warn("view of the changelog ended and is built again", "topic", e.Topic, "pause", e.Pause, "error", e.Err)
}

// PartitionSilent says that records are left to read and none comes: goka's view is built again.
type PartitionSilent struct {
	Topic     string
	Partition int32
	Next, End int64
}

// Line implements hooks.Event.
func (e PartitionSilent) Line() hooks.Line {
	return hooks.Warn("partition is no longer read", "topic", e.Topic, "partition", e.Partition, "next", e.Next, "end", e.End)
}

// EndSkipped says that the offsets before the end of a partition hold nothing to deliver.
type EndSkipped struct {
	Topic     string
	Partition int32
	Next, End int64
}

// Line implements hooks.Event.
func (e EndSkipped) Line() hooks.Line {
	return hooks.Info("end of the partition is not delivered, going on behind it", "topic", e.Topic, "partition", e.Partition, "next", e.Next, "end", e.End)
}

// RecordUnreadable says that a record of a table's topics is left out.
type RecordUnreadable struct {
	What      string // it is, of all that are read
	Partition int32  // NoPlace where it is not known
	Offset    int64  // likewise
	Err       error
	Known     bool // one like it was reported before
}

// NoPlace is an offset or a partition that is not known.
const NoPlace = -1

// Line implements hooks.Event.
func (e RecordUnreadable) Line() hooks.Line {
	var attrs []any
	if e.Partition != NoPlace {
		attrs = append(attrs, "partition", e.Partition)
	}
	if e.Offset != NoPlace {
		attrs = append(attrs, "offset", e.Offset)
	}
	attrs = append(attrs, "error", e.Err)
	message := e.What + " cannot be read and is left out, as are others of its kind"
	if e.Known {
		return hooks.Debug(message, attrs...)
	}
	return hooks.Error(message, attrs...)
}

// RecordStale says that a record of the changelog is left out because a newer one of its key came before.
type RecordStale struct {
	Partition            int32
	Offset, SourceOffset int64
}

// Line implements hooks.Event.
func (e RecordStale) Line() hooks.Line {
	return hooks.Debug("changelog record is older than one before it and is left out",
		"partition", e.Partition, "offset", e.Offset, "source_offset", e.SourceOffset)
}

// TopicUnreadable says that the brokers refuse a topic beside the changelog. Of one that stays
// so it is reported now and then.
type TopicUnreadable struct {
	Topic string
	Err   error
}

// Line implements hooks.Event.
func (e TopicUnreadable) Line() hooks.Line {
	return hooks.Warn("topic cannot be read", "topic", e.Topic, "error", e.Err)
}

// PollFailed says that the brokers did not return the ends of topics. The view grows old.
type PollFailed struct{ Err error }

// Line implements hooks.Event.
func (e PollFailed) Line() hooks.Line {
	return hooks.Debug("ends of topics are not known", "error", e.Err)
}

// StandstillNotKnown says that it could not be found out why a partition stands still.
type StandstillNotKnown struct{ Err error }

// Line implements hooks.Event.
func (e StandstillNotKnown) Line() hooks.Line {
	return hooks.Debug("partition that makes no progress could not be looked at", "error", e.Err)
}
