package registry

import (
	"container/list"
	"time"

	"github.com/tidemark/tidemark/codecs/datum"
)

// kept holds what is known of IDs, the newest use first, within its bounds.
type kept struct {
	most, mostBytes int
	bytes           int
	order           *list.List // of *known
	by              map[datum.ID]*list.Element
}

// known is what is known of an ID: its schema, or for a while that it has none.
type known struct {
	id     datum.ID
	schema *datum.Schema
	err    error
	until  time.Time // of an error
}

// knownRoom is what an entry takes beside its schema's text.
const knownRoom = 500

func (k *known) size() int {
	if k.schema == nil {
		return knownRoom
	}
	return knownRoom + k.schema.Size
}

func newKept(most, mostBytes int) *kept {
	return &kept{most: most, mostBytes: mostBytes, order: list.New(), by: map[datum.ID]*list.Element{}}
}

func (s *kept) get(id datum.ID, now time.Time) *known {
	e := s.by[id]
	if e == nil {
		return nil
	}
	k := e.Value.(*known)
	if k.err != nil && !now.Before(k.until) {
		s.drop(e)
		return nil
	}
	s.order.MoveToFront(e)
	return k
}

func (s *kept) put(k *known) {
	if e := s.by[k.id]; e != nil {
		s.drop(e)
	}
	s.by[k.id] = s.order.PushFront(k)
	s.bytes += k.size()
	for s.order.Len() > 1 && (s.order.Len() > s.most || s.bytes > s.mostBytes) {
		s.drop(s.order.Back())
	}
}

func (s *kept) drop(e *list.Element) {
	k := s.order.Remove(e).(*known)
	delete(s.by, k.id)
	s.bytes -= k.size()
}
