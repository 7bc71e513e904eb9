package truncate

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// before reports whether an event is older than a truncate of another partition: by
// the database's own order between streamed events, else by time.
func before(source tables.SourcePosition, time int64, c *wire.Control) bool {
	if source.Comparable(c.Source) {
		return source.Compare(c.Source) < 0
	}
	return time <= c.Time
}

// after reports whether a row is newer than a truncate of another partition.
func after(source tables.SourcePosition, time int64, c *wire.Control) bool {
	if source.Comparable(c.Source) {
		return source.Compare(c.Source) > 0
	}
	return time > c.Time
}
