package tables

import "testing"

func streamed(epoch uint32, at uint64) SourcePosition {
	return SourcePosition{Kind: SourcePostgres, Epoch: epoch, Minor: at}
}

func TestPrecedenceAcrossPartitions(t *testing.T) {
	snapshot := SourcePosition{Kind: SourcePostgres, Epoch: 1, Minor: 900, Snapshot: true}
	for name, c := range map[string]struct {
		a, b    Precedence
		order   int
		settled bool
	}{
		"position, clocks against it":     {Precedence{streamed(1, 5), 9, 99}, Precedence{streamed(1, 6), 1, 11}, -1, true},
		"one event twice":                 {Precedence{streamed(1, 5), 3, 99}, Precedence{streamed(1, 5), 3, 99}, 0, true},
		"equal positions, clocks":         {Precedence{streamed(1, 5), 3, 99}, Precedence{streamed(1, 5), 2, 99}, 1, true},
		"two epochs":                      {Precedence{streamed(1, 900), 3, 99}, Precedence{streamed(2, 5), 4, 98}, -1, true},
		"two epochs of one time":          {Precedence{streamed(1, 900), 3, 98}, Precedence{streamed(2, 5), 3, 99}, -1, true},
		"a snapshot has no position":      {Precedence{snapshot, 3, 99}, Precedence{streamed(1, 5), 4, 99}, -1, true},
		"a snapshot of the event's time":  {Precedence{snapshot, 4, 99}, Precedence{streamed(1, 5), 4, 98}, -1, true},
		"two snapshots":                   {Precedence{snapshot, 3, 99}, Precedence{snapshot, 4, 98}, -1, true},
		"a record without a clock":        {Precedence{streamed(1, 5), 3, 98}, Precedence{SourcePosition{}, 97, 97}, 1, true},
		"records without clocks":          {Precedence{SourcePosition{}, 97, 97}, Precedence{SourcePosition{}, 98, 98}, -1, true},
		"nothing tells":                   {Precedence{SourcePosition{}, 97, 97}, Precedence{SourcePosition{}, 97, 97}, 0, false},
		"nothing tells between databases": {Precedence{streamed(1, 5), 3, 97}, Precedence{streamed(2, 5), 3, 97}, 0, false},
		"kept before there were epochs":   {Precedence{streamed(0, 900), 3, 0}, Precedence{streamed(1, 5), 4, 99}, -1, true},
	} {
		if order, settled := c.a.Compare(c.b); order != c.order || settled != c.settled {
			t.Errorf("%s: %d %v, want %d %v", name, order, settled, c.order, c.settled)
		}
		if order, settled := c.b.Compare(c.a); order != -c.order || settled != c.settled {
			t.Errorf("%s, the other way: %d %v, want %d %v", name, order, settled, -c.order, c.settled)
		}
	}
}

// Whatever order the partitions are looked at in, one of them is the latest.
func TestLatestOfSeveralPartitions(t *testing.T) {
	all := []Precedence{
		{streamed(1, 10), 50, 50_000},
		{streamed(1, 20), 10, 10_000}, // later by position, earlier by a clock that went back
		{streamed(2, 1), 30, 30_000},  // between the two by the clock
	}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		var some []Precedence
		for _, i := range order {
			some = append(some, all[i])
		}
		if got, settled := Latest(some); order[got] != 2 || !settled {
			t.Errorf("%v: latest %d, settled %v", order, order[got], settled)
		}
	}
	tie := Precedence{Time: 5, Logged: 5}
	if got, settled := Latest([]Precedence{tie, tie}); got != 1 || settled {
		t.Errorf("of two that nothing tells apart: %d, settled %v; want the later one, unsettled", got, settled)
	}
	if got, settled := Latest([]Precedence{tie, tie, {Time: 6, Logged: 6}}); got != 2 || !settled {
		t.Errorf("a later one settles it: %d %v", got, settled)
	}
}
