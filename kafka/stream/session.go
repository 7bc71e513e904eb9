package stream

import (
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// entry is a partition that is followed, for all who read it there.
type entry struct {
	spot   spot
	id     [16]byte
	next   int64
	hollow int64
	of     []*partition
}

// session is the fetch session of a broker: it knows the partitions from earlier requests, so that a
// request has only what has changed. All is guarded by the reader's mutex.
type session struct {
	id, epoch int32
	entries   map[spot]*entry     // what is to be followed
	known     map[spot]*entry     // what the broker knows by the last request
	names     map[[16]byte]string // of the topics that it knows
	changed   []*entry            // their offsets are not known to the broker
	gone      []*entry            // they may be known to the broker, and must not be
}

func newSession() session {
	return session{entries: map[spot]*entry{}, known: map[spot]*entry{}, names: map[[16]byte]string{}}
}

// join adds a partition. It reports false where the session is at another offset of it.
func (s *session) join(p *partition) bool {
	e := s.entries[p.spot()]
	if e == nil {
		e = &entry{spot: p.spot(), id: p.id, next: p.next}
		s.entries[e.spot] = e
		s.changed = append(s.changed, e)
	}
	if e.next != p.next || e.id != p.id {
		return false
	}
	e.hollow = max(e.hollow, p.hollow)
	e.of = append(e.of, p)
	p.place = followed
	return true
}

// leave removes a partition. What becomes of it is the caller's.
func (s *session) leave(p *partition) {
	e := s.entries[p.spot()]
	if e == nil {
		return
	}
	e.of = slices.DeleteFunc(e.of, func(other *partition) bool { return other == p })
	if len(e.of) == 0 {
		s.remove(e)
	}
	p.place = resting
}

func (s *session) remove(e *entry) {
	delete(s.entries, e.spot)
	s.gone = append(s.gone, e)
}

// reset has the next request begin a new session.
func (s *session) reset() { s.id, s.epoch = 0, 0 }

// request makes the next one.
func (s *session) request(wait, most, each int32) *asking {
	req := newFetch(wait, most)
	req.SessionID, req.SessionEpoch = s.id, s.epoch
	a := newAsking(req)
	if s.epoch == 0 {
		s.known = maps.Clone(s.entries)
		clear(s.names)
		for _, e := range s.entries {
			a.add(e.spot, e.id, e.next, each)
			s.names[e.id] = e.spot.topic
		}
	} else {
		s.forget(req)
		for _, e := range s.changed {
			if s.entries[e.spot] == e {
				a.add(e.spot, e.id, e.next, each)
				s.known[e.spot], s.names[e.id] = e, e.spot.topic
			}
		}
	}
	s.changed, s.gone = s.changed[:0], s.gone[:0]
	return a
}

// forget tells the broker which partitions are no longer followed. One that is followed again is named with its
// new offset instead: the broker would forget it after that.
func (s *session) forget(req *kmsg.FetchRequest) {
	for _, e := range s.gone {
		if s.known[e.spot] != e {
			continue
		}
		delete(s.known, e.spot)
		if now := s.entries[e.spot]; now != nil && now.id == e.id {
			continue
		}
		t := kmsg.NewFetchRequestForgottenTopic()
		t.Topic, t.TopicID, t.Partitions = e.spot.topic, e.id, []int32{e.spot.number}
		req.ForgottenTopics = append(req.ForgottenTopics, t)
	}
}

// answered notes what the broker says of the session.
func (s *session) answered(resp *kmsg.FetchResponse) {
	if resp.SessionID == 0 { // it has none to give
		s.reset()
		return
	}
	s.id = resp.SessionID
	s.epoch++
	if s.epoch < 0 {
		s.epoch = 1
	}
}
