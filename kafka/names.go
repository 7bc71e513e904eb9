package kafka

import (
	"strconv"

	"github.com/tidemark/tidemark/tables"
)

// Names are the topics of a table and the consumer group of its offsets.
type Names struct {
	Table         string // the group table's changelog: key -> state row
	Batch         string // control records: barriers and truncates
	Snapshot      string // the rows of the newest batch
	Batches       string // manifests
	Progress      string // how far the processors are
	DeadLetters   string // records that could not be decoded
	Keyed         string // the source's records by decoded key, where the source's own partitions do not say
	Generations   string // which generations there are; one topic for all of them
	Repartitioned string // how far the source's records are in that topic
	Group         string // the consumer group that has the committed offsets; it has no members
}

// MembersGroup is the consumer group that the processes of an installation are members of. No topic's name may have a colon,
// so the group of no table has this name, under whatever prefix.
func (s Settings) MembersGroup() string { return s.TopicPrefix + "tidemark:members" }

// Names returns the names that belong to a table of this generation: the first has
// no number in them.
func (s Settings) Names(t *tables.Table) Names {
	base := s.TopicPrefix + t.Instance()
	return Names{
		Table:         base + "-table",
		Batch:         base + "-batch",
		Snapshot:      base + "-snapshot",
		Batches:       base + "-batches",
		Progress:      base + "-progress",
		DeadLetters:   base + "-dlq",
		Keyed:         base + "-keyed",
		Generations:   s.TopicPrefix + t.Name + "-generations",
		Repartitioned: base + "-rekeyed",
		Group:         base,
	}
}

// Input returns the topic that processors read: the source's, or ours where the
// source's records are repartitioned by their decoded keys first.
func (n Names) Input(t *tables.Table) string {
	if t.Repartitioned() {
		return n.Keyed
	}
	return t.Source.Topic
}

// TransactionOf returns the transactional id under which the records of a partition
// of the source are written by their keys: its owner fences whoever was it before.
func (n Names) TransactionOf(partition int32) string {
	return n.Keyed + "-" + strconv.Itoa(int(partition))
}
