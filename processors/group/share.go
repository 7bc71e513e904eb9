package group

import (
	"cmp"
	"maps"
	"slices"
)

// sharer shares the partitions of all topics out among the members that ask for them. Each topic is shared out evenly:
// no member has two more of its partitions than another. Who has one more is chosen so that members have as many
// partitions as each other in all, and so that as few move as possible.
type sharer struct {
	members []*subscription // in the order of their ids
	topics  map[string]*sharedTopic
	names   []string // of the topics, in order
	load    []int    // partitions of each member
}

type sharedTopic struct {
	partitions int32
	askers     []int // members
	base       int   // partitions that each has
	extras     int   // that one more can be given to
	more       map[int]bool
	owners     map[int32]int // by partition
	owned      map[int][]int32
}

// share returns what each member is given. A partition that another member still has is given to nobody:
// that one gives it back first, and the group shares out again.
func share(subscriptions map[string]*subscription) map[string][]place {
	ids := slices.Sorted(maps.Keys(subscriptions))
	s := &sharer{topics: map[string]*sharedTopic{}, load: make([]int, len(ids))}
	for _, id := range ids {
		s.members = append(s.members, subscriptions[id])
	}
	s.collect()
	s.keepExtras()
	s.giveExtras()
	for s.level() {
	}
	out := map[string][]place{}
	for _, name := range s.names {
		for partition, member := range s.give(name) {
			if p := (place{name, int32(partition)}); member >= 0 && !s.heldElsewhere(p, member) {
				out[ids[member]] = append(out[ids[member]], p)
			}
		}
	}
	return out
}

func (s *sharer) collect() {
	for i, m := range s.members {
		for name, partitions := range m.topics {
			t := s.topics[name]
			if t == nil {
				t = &sharedTopic{more: map[int]bool{}, owners: map[int32]int{}, owned: map[int][]int32{}}
				s.topics[name] = t
			}
			t.partitions = max(t.partitions, partitions)
			t.askers = append(t.askers, i)
		}
	}
	for i, m := range s.members {
		for p := range m.owned {
			t := s.topics[p.topic]
			if t == nil || m.topics[p.topic] == 0 || p.partition >= t.partitions {
				continue
			}
			if other, taken := t.owners[p.partition]; !taken || s.members[other].generation < m.generation {
				t.owners[p.partition] = i
			}
		}
	}
	s.names = slices.Sorted(maps.Keys(s.topics))
	for _, t := range s.topics {
		for partition, member := range t.owners {
			t.owned[member] = append(t.owned[member], partition)
		}
		for _, partitions := range t.owned {
			slices.Sort(partitions)
		}
		t.base, t.extras = int(t.partitions)/len(t.askers), int(t.partitions)%len(t.askers)
		for _, m := range t.askers {
			s.load[m] += t.base
		}
	}
}

// keepExtras leaves one more with whom has it.
func (s *sharer) keepExtras() {
	for _, name := range s.names {
		t := s.topics[name]
		holders := slices.DeleteFunc(slices.Clone(t.askers), func(m int) bool { return len(t.owned[m]) <= t.base })
		slices.SortStableFunc(holders, func(a, b int) int { return cmp.Compare(s.load[a], s.load[b]) })
		for _, m := range holders[:min(t.extras, len(holders))] {
			t.more[m] = true
			s.load[m]++
		}
	}
}

// giveExtras gives one more to those who have least.
func (s *sharer) giveExtras() {
	for _, name := range s.names {
		t := s.topics[name]
		for len(t.more) < t.extras {
			m := s.least(t)
			t.more[m] = true
			s.load[m]++
		}
	}
}

// least is the member with the fewest partitions, of those who have not one more of the topic's.
func (s *sharer) least(t *sharedTopic) int {
	least := -1
	for _, m := range t.askers {
		if !t.more[m] && (least < 0 || s.load[m] < s.load[least]) {
			least = m
		}
	}
	return least
}

// level moves extras from who has many partitions in all to who has few, and reports whether any were moved. Each
// move makes the numbers more alike, so it comes to an end.
func (s *sharer) level() (moved bool) {
	for _, name := range s.names {
		t := s.topics[name]
		if t.extras == 0 {
			continue
		}
		most := -1
		for _, m := range t.askers {
			if t.more[m] && (most < 0 || s.load[m] > s.load[most]) {
				most = m
			}
		}
		if least := s.least(t); s.load[most]-s.load[least] >= 2 {
			delete(t.more, most)
			t.more[least] = true
			s.load[most]--
			s.load[least]++
			moved = true
		}
	}
	return moved
}

// give returns the member of each partition of a topic; members keep what they have as far as it is theirs to have.
func (s *sharer) give(name string) []int {
	t := s.topics[name]
	out := make([]int, t.partitions)
	for i := range out {
		out[i] = -1
	}
	room := map[int]int{}
	for _, m := range t.askers {
		room[m] = t.base
		if t.more[m] {
			room[m]++
		}
		for _, partition := range t.owned[m][:min(room[m], len(t.owned[m]))] {
			out[partition] = m
			room[m]--
		}
	}
	askers := t.askers
	for i := range out {
		for out[i] < 0 && len(askers) > 0 {
			if room[askers[0]] > 0 {
				out[i] = askers[0]
				room[askers[0]]--
			} else {
				askers = askers[1:]
			}
		}
	}
	return out
}

func (s *sharer) heldElsewhere(p place, by int) bool {
	for i, m := range s.members {
		if i != by && m.owned[p] {
			return true
		}
	}
	return false
}
