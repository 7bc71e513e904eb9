package api

import (
	"context"
	"errors"
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
)

// A client comes back to a stream with an id. It is the position of the source,
//
//	0:1204,1:998
//
// and where the processors place records by keys first, so that a position of the source
// does not tell one change from the next, behind it the topic of the placed records and the
// position in that:
//
//	0:1204,1:998;9f86d081884c7d65;0:731,1:1466
//
// The first part is then one that is surely reached, for clients that read it as a position.

// placeID is an id as a client sends it.
type placeID struct {
	topic string
	at    tables.Position // of the topic, or of the source where that is empty
}

func parsePlaceID(text string) (id placeID, ok bool) {
	if _, rest, placed := strings.Cut(text, ";"); placed {
		if id.topic, text, ok = strings.Cut(rest, ";"); !ok || id.topic == "" {
			return id, false
		}
	}
	at, err := tables.ParsePosition(text)
	id.at = at
	return id, err == nil
}

// sourceOfID returns the position of the source that an id begins with which has more.
func sourceOfID(text string) (source string, ok bool) {
	if id, ok := parsePlaceID(text); !ok || id.topic == "" {
		return "", false
	}
	source, _, ok = strings.Cut(text, ";")
	return source, ok
}

// of reports whether the id can be a place in a feed. The partitions do not tell: the feed
// names those that it has seen something of, and the client may know of others first.
func (id placeID) of(feed *changes.Feed) bool { return id.topic == feed.Topic }

// follow waits until the table is where the client was, as far as it can be expected. The
// feed has then come there, too.
func (c *call) follow(t *served) error {
	id, ok := parsePlaceID(c.r.Header.Get("Last-Event-ID"))
	if !ok {
		return nil
	}
	feed, _, err := t.Changes.Follow(c.r.Context())
	if err != nil || !id.of(feed) || feed.Reached().Reaches(id.at) {
		return err
	}
	wait := t.Tide.WaitPosition
	if id.topic != "" {
		wait = t.Tide.WaitPlace
	}
	ctx, cancel := c.until(behindFor)
	defer cancel()
	if err := wait(ctx, id.at); !errors.Is(err, context.DeadlineExceeded) || c.r.Context().Err() != nil {
		return err
	}
	return nil // it starts over
}

// back returns the reader of a client that comes back.
func (s *stream) back(feed *changes.Feed) (*changes.Reader, error) {
	id, ok := parsePlaceID(s.resume)
	if !ok || !id.of(feed) {
		return nil, changes.ErrGone // no place in this feed
	}
	if id.topic == "" {
		if id.at, ok = s.table.Tide.Place(id.at, feed.Reached()); !ok {
			return nil, changes.ErrGone
		}
	}
	s.source = s.outward(id.at)
	return feed.Resume(id.at, s.filter)
}

// outward returns what a place in the feed is at the source.
func (s *stream) outward(at tables.Position) tables.Position {
	if s.topic == "" {
		return at
	}
	return s.table.Tide.Outward(at)
}

// appendID appends the id of a place that has all that a position of the source has.
func (s *stream) appendID(dst []byte, source, at tables.Position) []byte {
	if s.topic == "" {
		return at.Append(dst)
	}
	if len(source) == 0 {
		source = tables.Position{0} // no partition has told of records yet
	}
	dst = append(source.Append(dst), ';')
	dst = append(append(dst, s.topic...), ';')
	return at.Append(dst)
}
