package streams

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// keepOpen is how often a stream without changes sends a comment.
const keepOpen = 15 * time.Second

// heldSize is how much of the rows that are present is held before it is sent, in bytes.
const heldSize = 64 << 10

// stream is one reader of a table's changes.
type stream struct {
	sender
	name      string
	r         *http.Request
	wantsRows bool
	resume    string // the client's last id

	table  *live.Served
	filter *query.Matcher
	rows   query.Query // of the snapshot
}

// of makes the stream one of a table, which another generation may take the place of.
func (s *stream) of(t *live.Served, q *query.Request) {
	s.leave()
	s.table, s.filter, s.writer = t, query.Compile(q.Filter), s.h.writers.of(t, q)
	s.progress = t.Progress
	s.rows = query.Query{Select: query.SelectAll(t.Def), Filter: q.Filter, Limit: query.NoLimit}
}

// leave gives back what the stream has of its table.
func (s *stream) leave() {
	if s.writer != nil {
		s.h.writers.back(s.writer)
		s.writer = nil
	}
}

// run streams until the client goes away or the server stops. Where the feed cannot
// continue, the stream starts over.
func (s *stream) run(feed *changes.Feed, snap *store.Snapshot) {
	s.h.metrics.streams.Inc()
	defer s.h.metrics.streams.Dec()
	ctx, stop := context.WithCancel(s.r.Context())
	defer stop()
	defer context.AfterFunc(s.h.Stopping, stop)()
	_ = s.control.SetReadDeadline(time.Time{}) // what is left of the request's read timeout is none of the stream's
	for {
		err := s.follow(ctx, feed, snap)
		if !errors.Is(err, changes.ErrGone) && !errors.Is(err, changes.ErrOver) {
			return
		}
		if feed, snap, err = s.again(ctx); err != nil {
			return // the client comes again, and is informed why
		}
		s.resume = ""
		s.h.metrics.resets.Inc()
		s.buf = append(s.room(), "event: reset\ndata: {}\n\n"...)
		if s.flush() != nil {
			return
		}
	}
}

// again returns what is read now.
func (s *stream) again(ctx context.Context) (*changes.Feed, *store.Snapshot, error) {
	t := s.h.Tables.At(s.name)
	q, _, err := query.ParseChanges(s.r.URL.RawQuery, t.Def)
	if err != nil {
		return nil, nil, err // of a column that is no more
	}
	s.of(t, q)
	return t.Changes.Follow(ctx)
}

// follow sends the rows, if they are asked for, and then what happens to them.
func (s *stream) follow(ctx context.Context, feed *changes.Feed, snap *store.Snapshot) error {
	reader, err := s.start(ctx, feed, snap)
	if err != nil {
		return err
	}
	defer reader.Close()
	if err := s.flush(); err != nil { // the headers: the client knows that it is heard
		return err
	}
	quiet := time.NewTimer(keepOpen)
	defer quiet.Stop()
	for {
		switch b, some, err := reader.Take(); {
		case err != nil:
			return err
		case some:
			s.batch(b)
			if err := s.flush(); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-reader.Woken():
		case <-quiet.C:
			if err := s.keep(reader, quiet); err != nil {
				return err
			}
		}
	}
}

// keep keeps a stream open on which nothing was sent for long, and says where to come
// back to: what has happened since the last event does not concern the client.
func (s *stream) keep(reader *changes.Reader, quiet *time.Timer) error {
	if rest := keepOpen - time.Since(s.sent); rest > 0 {
		quiet.Reset(rest)
		return nil
	}
	quiet.Reset(keepOpen)
	s.buf = append(s.room(), ": still here\n"...)
	s.at(reader.Place())
	return s.flush()
}

// start finds where the stream begins.
func (s *stream) start(ctx context.Context, feed *changes.Feed, snap *store.Snapshot) (*changes.Reader, error) {
	now := snap.Position()
	s.topic, s.source = feed.Topic, nil
	if s.resume != "" {
		return s.back(feed)
	}
	reader := feed.From(snap.Version(), now, s.filter)
	if !s.wantsRows {
		s.at(reader.Place())
		return reader, nil
	}
	if err := s.present(ctx, snap, reader.Place()); err != nil {
		reader.Close()
		return nil, err
	}
	return reader, nil
}

// present sends the rows of a snapshot. Only the end has an id: who is cut off before
// it has not got them all.
func (s *stream) present(ctx context.Context, snap *store.Snapshot, now tables.Position) error {
	source := s.toSource(now)
	err := snap.Stream(ctx, &s.rows, func(rows *store.Result) error {
		values := make([]tables.Value, len(s.table.Def.Columns))
		for i := range rows.Len() {
			for c := range values {
				values[c] = rows.Value(i, c)
			}
			s.begin("enter")
			s.buf = s.writer.appendRow(s.buf, values)
			s.end(source)
			if len(s.buf) >= heldSize {
				if err := s.flush(); err != nil {
					return err
				}
			}
		}
		return nil
	})
	s.at(now)
	return err
}

// back returns the reader of a client that comes back.
func (s *stream) back(feed *changes.Feed) (*changes.Reader, error) {
	id, ok := ask.ParsePlaceID(s.resume)
	if !ok || !isOf(id, feed) {
		return nil, changes.ErrGone // no place in this feed
	}
	if id.Topic == "" {
		if id.At, ok = s.progress.Place(id.At, feed.Reached()); !ok {
			return nil, changes.ErrGone
		}
	}
	s.source = s.toSource(id.At)
	return feed.Resume(id.At, s.filter)
}
