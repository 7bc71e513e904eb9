package streams

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/changes"
)

// place reports places in the feed that a stream reads.
type place struct {
	topic    string // of the feed's positions, where they are not the source's
	progress live.Progress
}

// toSource returns what a place in the feed is at the source.
func (p *place) toSource(at tables.Position) tables.Position {
	if p.topic == "" {
		return at
	}
	return p.progress.ToSource(at)
}

// appendID appends the id of a place that has all that a position of the source has.
func (p *place) appendID(dst []byte, source, at tables.Position) []byte {
	return ask.PlaceID{Topic: p.topic, At: at}.Append(dst, source)
}

// isOf reports whether the id can be a place in a feed. The partitions do not say so: the feed
// names those that it has seen something of, and the client may know of others first.
func isOf(id ask.PlaceID, feed *changes.Feed) bool { return id.Topic == feed.Topic }
