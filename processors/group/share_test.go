package group

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"testing"
)

// round shares out, and has each member own what it is given and keep nothing else, as an orderly member does.
func round(members map[string]*subscription, generation int32) (moved int) {
	given := share(members)
	for id, m := range members {
		now := map[place]bool{}
		for _, p := range given[id] {
			now[p] = true
			if !m.owned[p] {
				moved++
			}
		}
		m.owned, m.generation = now, generation
	}
	return moved
}

func settled(members map[string]*subscription) (moved int) {
	for g := range int32(8) {
		before := fmt.Sprint(owners(members))
		moved += round(members, g)
		if fmt.Sprint(owners(members)) == before {
			return moved
		}
	}
	return -1
}

func owners(members map[string]*subscription) map[place]string {
	out := map[place]string{}
	for id, m := range members {
		for p := range m.owned {
			out[p] += id
		}
	}
	return out
}

func asking(topics map[string]int32) *subscription {
	return &subscription{topics: topics, owned: map[place]bool{}}
}

// Whoever comes and goes: each partition has one owner who asks for it, topics are shared out evenly among
// those who ask, and once settled nothing moves.
func TestPartitionsAreSharedOut(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	topics := map[string]int32{}
	for i := range 40 {
		topics[fmt.Sprint("t", i)] = int32(1 + dice.IntN(6))
	}
	members := map[string]*subscription{}
	for step := range 200 {
		id := fmt.Sprint("m", dice.IntN(6))
		if members[id] != nil && dice.IntN(2) == 0 {
			delete(members, id)
		} else {
			m := asking(map[string]int32{})
			for name, n := range topics {
				if dice.IntN(4) > 0 {
					m.topics[name] = n
				}
			}
			if old := members[id]; old != nil {
				m.owned = old.owned
			}
			members[id] = m
		}
		if settled(members) < 0 {
			t.Fatalf("step %d: it does not settle", step)
		}
		checkShares(t, members, topics)
		if t.Failed() {
			t.Fatalf("step %d", step)
		}
	}
}

func checkShares(t *testing.T, members map[string]*subscription, topics map[string]int32) {
	t.Helper()
	who := owners(members)
	for name, n := range topics {
		least, most, askers, owned := int(n), 0, 0, 0
		for _, m := range members {
			if m.topics[name] == 0 {
				continue
			}
			have := 0
			for p := range m.owned {
				if p.topic == name {
					have++
				}
			}
			askers, owned = askers+1, owned+have
			least, most = min(least, have), max(most, have)
		}
		if askers > 0 && (owned != int(n) || most-least > 1) {
			t.Errorf("%s: %d of %d partitions have owners; one has %d, another %d", name, owned, n, least, most)
		}
	}
	for p, id := range who {
		if m := members[id]; m == nil || m.topics[p.topic] == 0 {
			t.Errorf("%v is owned by %q, who does not ask for it", p, id)
		}
	}
}

func TestFewPartitionsMove(t *testing.T) {
	topics := map[string]int32{}
	for i := range 200 {
		topics[fmt.Sprint("t", i)] = 3
	}
	members := map[string]*subscription{"a": asking(topics)}
	settled(members)
	members["b"] = asking(topics)
	if n := settled(members); n != 300 {
		t.Errorf("%d partitions of 600 move to a second member, want 300", n)
	}
	members["c"] = asking(topics)
	if n := settled(members); n != 200 {
		t.Errorf("%d partitions of 600 move to a third member, want 200", n)
	}
	delete(members, "a")
	if n := settled(members); n > 200 {
		t.Errorf("%d partitions of 600 move when one leaves, want those that it had", n)
	}
	for id, m := range members {
		if n := len(m.owned); n != 300 {
			t.Errorf("%s has %d partitions of 600", id, n)
		}
	}
}

// A partition is given to nobody while somebody has it.
func TestAPartitionThatIsHeldIsWithheld(t *testing.T) {
	topics := map[string]int32{"t": 2}
	a, b := asking(topics), asking(topics)
	a.owned = map[place]bool{{"t", 0}: true, {"t", 1}: true}
	members := map[string]*subscription{"a": a, "b": b}
	given := share(members)
	if !reflect.DeepEqual(given, map[string][]place{"a": {{"t", 0}}}) {
		t.Errorf("given: %v", given)
	}
	if again := share(members); !reflect.DeepEqual(again, given) {
		t.Errorf("given while it is still held: %v", again)
	}
	delete(a.owned, place{"t", 1})
	if given := share(members); !reflect.DeepEqual(given["b"], []place{{"t", 1}}) {
		t.Errorf("given when it is not held any more: %v", given)
	}
	c := &subscription{topics: map[string]int32{}, owned: map[place]bool{{"t", 1}: true}} // its table has gone, its work has not
	members["c"] = c
	if given := share(members); len(given["b"]) != 0 {
		t.Errorf("given while somebody who does not ask holds it: %v", given)
	}
}

func TestSubscriptionsAreReadAsTheyAreWritten(t *testing.T) {
	s := &subscription{
		topics: map[string]int32{"a": 3, "b": 300}, owned: map[place]bool{{"a", 2}: true, {"b", 200}: true, {"gone", 0}: true}, generation: 7,
	}
	b := s.encode()
	got, err := decodeSubscription(b)
	if err != nil || !maps.Equal(got.topics, s.topics) || !maps.Equal(got.owned, s.owned) || got.generation != 7 {
		t.Errorf("read %+v, %v", got, err)
	}
	for n := range b {
		if got, err := decodeSubscription(b[:n]); err == nil && !maps.Equal(got.topics, s.topics) {
			t.Errorf("%d bytes are read as %+v", n, got)
		}
	}
	given, err := decodeAssignment(encodeAssignment([]place{{"a", 1}, {"b", 0}, {"a", 0}}))
	if err != nil || !maps.Equal(given, map[place]bool{{"a", 0}: true, {"a", 1}: true, {"b", 0}: true}) {
		t.Errorf("the assignment is read as %v, %v", given, err)
	}
}
