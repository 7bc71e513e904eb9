package aggregate

import (
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// sink takes the rows of one goroutine: what direct groups can take, and the others the general way.
type sink struct {
	*grouping
	direct *directGroups // nil when the query is not for it
}

func newSink(v *mvcc.Version, outputs []query.Output) *sink {
	g := newGrouping(v, outputs)
	return &sink{grouping: g, direct: newDirectGroups(g)}
}

// Take implements scan.Sink.
func (s *sink) Take(block int, inDelta bool, m *column.Mask) {
	if s.direct != nil && !inDelta {
		if s.direct.take(block, m); m.Empty() {
			return
		}
	}
	s.take(block, inDelta, m)
}

// finish completes the groups.
func (s *sink) finish() {
	if s.direct != nil {
		s.direct.flush()
	}
}
