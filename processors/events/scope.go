package events

import "github.com/tidemark/tidemark/hooks"

// Scope is embedded by events of one partition. A listener that was made by In fills it in, as a
// logger with an attribute does: the code that reports an event need not know the number.
type Scope struct{ Partition int32 }

func (s *Scope) enter(partition int32) { s.Partition = partition }

// attrs are the attributes of an event's line.
func (s *Scope) attrs(more ...any) []any { return append([]any{"partition", s.Partition}, more...) }

// In returns a listener for what happens to a partition.
func (l *Listener) In(partition int32) *Listener {
	return hooks.Alter(l, func(event any) {
		if e, ok := event.(interface{ enter(int32) }); ok {
			e.enter(partition)
		}
	})
}

// SourceScope is embedded by events of one partition of a source that is repartitioned by key.
type SourceScope struct{ SourcePartition int32 }

func (s *SourceScope) enterSource(partition int32) { s.SourcePartition = partition }

// attrs are the attributes of an event's line.
func (s *SourceScope) attrs(more ...any) []any {
	return append([]any{"source_partition", s.SourcePartition}, more...)
}

// InSource returns a listener for what happens to a partition of a source that is repartitioned.
func (l *Listener) InSource(partition int32) *Listener {
	return hooks.Alter(l, func(event any) {
		if e, ok := event.(interface{ enterSource(int32) }); ok {
			e.enterSource(partition)
		}
	})
}
