package generations

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
)

// State is what a table's generations topic says.
type State struct {
	Record  wire.GenerationRecord // Number 0: there is no record yet
	Members map[string]Heard
	Moved   time.Time // when the record was read here
	Err     error     // why the topic cannot be followed at present; nil when it can
	// Newer is why the record cannot be understood: a later version of the program
	// wrote it.
	Newer error

	next, until int64             // next offset to be read; where the topic ended at the start
	numbers     map[string]uint64 // of the records that are there, by their keys
	winners     map[uint64]string // of the last numbers, by number
}

// Heard is a process that has reported itself.
type Heard struct {
	wire.Member
	At time.Time // when it was read here
}

func newState() State {
	return State{Members: map[string]Heard{}, numbers: map[string]uint64{}, winners: map[uint64]string{}, until: -1}
}

// Known reports whether everything is read that the topic had when it was opened.
func (s *State) Known() bool { return s.until >= 0 && s.next >= s.until }

func (s *State) clone() State {
	out := *s
	out.Members, out.numbers, out.winners = maps.Clone(s.Members), maps.Clone(s.numbers), maps.Clone(s.winners)
	return out
}

// take follows a record that is at an offset.
func (s *State) take(offset int64, key, value []byte, now time.Time) error {
	if offset < s.next {
		return nil // read again after the connection was lost
	}
	s.next = offset + 1
	if id, ok := wire.MemberID(key); ok {
		if value == nil {
			delete(s.Members, id)
			return nil
		}
		m, err := wire.ParseMember(value)
		if err == nil {
			s.Members[id] = Heard{m, now}
		}
		return err
	}
	if value == nil {
		delete(s.numbers, string(key))
		return nil
	}
	l, err := wire.ParseGenerationRecord(value)
	if err != nil {
		if errors.Is(err, wire.ErrNewer) {
			s.Newer = err
		}
		return err
	}
	s.numbers[string(key)] = l.Number
	if l.Number > s.Record.Number {
		s.Record, s.Moved = l, now
		s.winners[l.Number] = l.Writer
		delete(s.winners, l.Number-min(l.Number, keepNumbers))
	}
	return nil
}

// memberAge is how long a process is counted after it was last heard of.
const memberAge = 15 * time.Second

// Beat is how often a process must report itself to be counted.
const Beat = memberAge / 5

// Fresh returns the other processes that were heard of lately.
func (s *State) Fresh(except string, now time.Time) []wire.Member {
	var out []wire.Member
	for id, m := range s.Members {
		if id != except && now.Sub(m.At) < memberAge {
			out = append(out, m.Member)
		}
	}
	return out
}

// keepNumbers is how many steps stay in the topic, for people to look at.
const keepNumbers = 16

// stale returns the keys of records that are of no more use.
func (s *State) stale(now time.Time) []string {
	var out []string
	for key, number := range s.numbers {
		if number+keepNumbers < s.Record.Number {
			out = append(out, key)
		}
	}
	for id, m := range s.Members {
		if now.Sub(m.At) > 10*memberAge {
			out = append(out, string(wire.MemberKey(id)))
		}
	}
	slices.Sort(out)
	return out
}
