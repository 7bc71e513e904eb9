package streams

import (
	"context"
	"errors"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/web"
	"github.com/tidemark/tidemark/views/changes"
)

// behindFor is how long a stream waits that comes from a process that was further.
const behindFor = 5 * time.Second

// isOf reports whether the id can be a place in a feed. The partitions do not tell: the feed
// names those that it has seen something of, and the client may know of others first.
func isOf(id ask.PlaceID, feed *changes.Feed) bool { return id.Topic == feed.Topic }

// comeBack waits until the table is where the client was, as far as it can be expected. The
// feed has then come there, too.
func comeBack(c *web.Call, t *live.Served) error {
	id, ok := ask.ParsePlaceID(c.R.Header.Get("Last-Event-ID"))
	if !ok {
		return nil
	}
	feed, _, err := t.Changes.Follow(c.R.Context())
	if err != nil || !isOf(id, feed) || feed.Reached().Reaches(id.At) {
		return err
	}
	wait := t.Progress.WaitPosition
	if id.Topic != "" {
		wait = t.Progress.WaitPlace
	}
	ctx, cancel := c.Until(behindFor)
	defer cancel()
	if err := wait(ctx, id.At); !errors.Is(err, context.DeadlineExceeded) || c.R.Context().Err() != nil {
		return err
	}
	return nil // it starts over
}

// back returns the reader of a client that comes back.
func (s *stream) back(feed *changes.Feed) (*changes.Reader, error) {
	id, ok := ask.ParsePlaceID(s.resume)
	if !ok || !isOf(id, feed) {
		return nil, changes.ErrGone // no place in this feed
	}
	if id.Topic == "" {
		if id.At, ok = s.table.Progress.Place(id.At, feed.Reached()); !ok {
			return nil, changes.ErrGone
		}
	}
	s.source = s.toSource(id.At)
	return feed.Resume(id.At, s.filter)
}

// toSource returns what a place in the feed is at the source.
func (s *stream) toSource(at tables.Position) tables.Position {
	if s.topic == "" {
		return at
	}
	return s.table.Progress.ToSource(at)
}

// appendID appends the id of a place that has all that a position of the source has.
func (s *stream) appendID(dst []byte, source, at tables.Position) []byte {
	return ask.PlaceID{Topic: s.topic, At: at}.Append(dst, source)
}
