package streams

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/changes"
)

// sender writes events to one client.
type sender struct {
	place
	h       *Handlers
	w       http.ResponseWriter
	control *http.ResponseController
	writer  *rowWriter
	source  tables.Position // that was sent last
	buf     []byte          // nil while there is nothing to send: most streams wait most of the time
	sent    time.Time       // when the client was last sent something
}

// batch appends what a batch means to this stream's filter.
func (s *sender) batch(b changes.Batch) {
	if len(b.Events) == 0 {
		s.at(b.After)
		return
	}
	source := s.toSource(b.After)
	for i := range b.Events {
		e := &b.Events[i]
		s.id(e.ID, b.After, source)
		switch {
		case !e.Is:
			s.begin("leave")
			s.buf = s.writer.appendGone(s.buf, e.Old)
		case e.Was:
			s.begin("update")
			s.buf = s.writer.appendNew(s.buf, e)
		default:
			s.begin("enter")
			s.buf = s.writer.appendNew(s.buf, e)
		}
		if e.Next > 0 && s.topic == "" {
			s.endIn(e.Partition, e.Next)
		} else {
			s.end(source)
		}
	}
	s.source = source
}

// id appends an event's id, if it has one. All of a batch are of the source before it, but
// for the last.
func (s *sender) id(at, after, source tables.Position) {
	if at == nil {
		return
	}
	if !live.SamePosition(at, after) {
		source = s.source
	}
	s.buf = append(s.appendID(append(s.room(), "id: "...), source, at), '\n')
}

// begin appends the beginning of an event behind its id.
func (s *sender) begin(kind string) {
	s.h.metrics.events[kind].Inc()
	s.buf = append(append(append(s.room(), "event: "...), kind...), "\ndata: "...)
}

// end appends the end of an event: the position with it.
func (s *sender) end(position tables.Position) {
	s.buf = append(position.Append(append(s.buf, `,"position":"`...)), "\"}\n\n"...)
}

// endIn is end with a position in one partition.
func (s *sender) endIn(partition int32, next int64) {
	s.buf = strconv.AppendInt(append(s.buf, `,"position":"`...), int64(partition), 10)
	s.buf = append(strconv.AppendInt(append(s.buf, ':'), next, 10), "\"}\n\n"...)
}

// at appends where to come back to, without an event.
func (s *sender) at(place tables.Position) {
	s.source = s.toSource(place)
	s.buf = append(s.appendID(append(s.room(), "id: "...), s.source, place), "\n\n"...)
}

// rooms are buffers of what is about to be sent.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// room returns what there is to send, to append to.
func (s *sender) room() []byte {
	if s.buf == nil {
		s.buf = (*rooms.Get().(*[]byte))[:0]
	}
	return s.buf
}

// flush sends what there is. A client that takes nothing for long counts as gone.
func (s *sender) flush() error {
	s.sent = time.Now()
	_ = s.control.SetWriteDeadline(s.sent.Add(s.h.Stall))
	if len(s.buf) > 0 {
		if _, err := s.w.Write(s.buf); err != nil {
			return err
		}
	}
	if cap(s.buf) <= 4*heldSize {
		room := s.buf
		rooms.Put(&room)
	}
	s.buf = nil
	return s.control.Flush()
}
