package kafka

// Names are the topics of a table and its consumer group.
type Names struct {
	Table       string // the group table's changelog: key -> state row
	Batch       string // control records: barriers and truncates
	Snapshot    string // the rows of the newest batch
	Batches     string // manifests
	Progress    string // how far the processors are
	DeadLetters string // records that could not be decoded
	Group       string // the consumer group
}

// Names returns the names that belong to a table.
func (s Settings) Names(table string) Names {
	base := s.TopicPrefix + table
	return Names{
		Table:       base + "-table",
		Batch:       base + "-batch",
		Snapshot:    base + "-snapshot",
		Batches:     base + "-batches",
		Progress:    base + "-progress",
		DeadLetters: base + "-dlq",
		Group:       base,
	}
}
