package torture

import (
	"encoding/json"
	"testing"
	"time"
)

// The tests of this file give the checks answers that are wrong: each has to be found.

func all(*row) bool { return true }

func rowOf(id, seq int64) *row { return &row{ID: id, Seq: seq, S: "a"} }

// history of one partition: key 1 comes at 0, changes at 1 and goes at 3; key 2 comes at 2.
func fourRecords() *history {
	return &history{visible: all, keys: map[int64][]record{
		1: {{offset: 0, row: rowOf(1, 1)}, {offset: 1, row: rowOf(1, 2)}, {offset: 3}},
		2: {{offset: 2, row: rowOf(2, 3)}},
	}}
}

func expect(t *testing.T, what string, err error, right bool) {
	t.Helper()
	if (err == nil) != right {
		t.Errorf("%s: %v, want it to be right: %v", what, err, right)
	}
}

func TestAnswersAtAPosition(t *testing.T) {
	h := fourRecords()
	at := func(offset int64) position { return position{0: offset} }
	for _, c := range []struct {
		what  string
		a     answer
		right bool
	}{
		{"row", answer{key: 1, at: at(2), row: rowOf(1, 2)}, true},
		{"older row than the position", answer{key: 1, at: at(2), row: rowOf(1, 1)}, false},
		{"newer row than the position", answer{key: 1, at: at(1), row: rowOf(1, 2)}, false},
		{"row that was deleted", answer{key: 1, at: at(4), row: rowOf(1, 2)}, false},
		{"row that is missing", answer{key: 2, at: at(3)}, false},
		{"position before the one that was asked for", answer{key: 1, at: at(2), row: rowOf(1, 2), least: at(3)}, false},
		{"list", answer{at: at(3), rows: []*row{rowOf(1, 2), rowOf(2, 3)}}, true},
		{"list of two instants", answer{at: at(3), rows: []*row{rowOf(1, 1), rowOf(2, 3)}}, false},
		{"list with a row too few", answer{at: at(3), rows: []*row{rowOf(1, 2)}}, false},
		{"list with a row too many", answer{at: at(2), rows: []*row{rowOf(1, 2), rowOf(2, 3)}}, false},
		{"page of a walk at another position of the same rows", answer{at: at(4), rows: []*row{rowOf(2, 3)}, also: []position{at(5)}}, true},
		{"page of a walk at a position of other rows", answer{at: at(4), rows: []*row{rowOf(2, 3)}, also: []position{at(3)}}, false},
		{"groups", answer{at: at(3), groups: map[string]group{"a": {2, 5}}}, true},
		{"groups of another instant", answer{at: at(3), groups: map[string]group{"a": {2, 4}}}, false},
		{"group of no row", answer{at: at(3), groups: map[string]group{"a": {2, 5}, "b": {1, 1}}}, false},
		{"document of the row", answer{key: 1, at: at(2), row: rowOf(1, 2), document: document(rowOf(1, 2))}, true},
		{"document of another instant", answer{key: 1, at: at(2), row: rowOf(1, 2), document: document(rowOf(1, 1))}, false},
		{"no document", answer{key: 1, at: at(2), row: rowOf(1, 2), document: document(nil)}, false},
	} {
		expect(t, c.what, c.a.check(h), c.right)
	}
}

func document(r *row) json.RawMessage {
	b, _ := json.Marshal(r)
	return b
}

// TestAnswersOfPlacedRecords has a source of two partitions, whose records are in one topic by keys, in two
// partitions, in another order: key 1 there at 0:0 and 0:1, key 2 at 0:2, key 3 at 1:0.
func TestAnswersOfPlacedRecords(t *testing.T) {
	h := &history{visible: all, byLSN: true, repartitioned: true, keys: map[int64][]record{
		1: {{partition: 0, offset: 0, lsn: 8, row: rowOf(1, 1)}, {partition: 1, offset: 0, lsn: 16, row: rowOf(1, 2)}},
		2: {{partition: 0, offset: 1, lsn: 24, row: rowOf(2, 3)}},
		3: {{partition: 1, offset: 1, lsn: 32, row: rowOf(3, 4)}},
	}}
	p := &placement{topic: "keyed", id: "ab", home: map[int64]int32{1: 0, 2: 0, 3: 1}, history: history{visible: all, byLSN: true, keys: map[int64][]record{
		1: {{offset: 0, lsn: 8, row: rowOf(1, 1)}, {offset: 1, lsn: 16, row: rowOf(1, 2)}},
		2: {{offset: 2, lsn: 24, row: rowOf(2, 3)}},
		3: {{partition: 1, offset: 0, lsn: 32, row: rowOf(3, 4)}},
	}}}
	p.parts = map[int32][]change{0: {{1, p.keys[1][0]}, {1, p.keys[1][1]}, {2, p.keys[2][0]}}, 1: {{3, p.keys[3][0]}}}
	at := map[int64]record{}
	for _, records := range p.keys {
		for _, r := range records {
			at[r.lsn] = r
		}
	}
	p.mark(h, at)
	h.placements = []*placement{p}
	for _, c := range []struct {
		what  string
		a     answer
		right bool
	}{
		{"row of the position", answer{key: 1, at: position{0: 1}, row: rowOf(1, 1)}, true},
		{"newer row than the position", answer{key: 1, at: position{0: 1}, row: rowOf(1, 2)}, true},
		{"older row than the position", answer{key: 1, at: position{0: 1, 1: 1}, row: rowOf(1, 1)}, false},
		// Whoever has the second record of the source's partition 0 has all that is before it in the topic by keys.
		{"older row than what was repartitioned before", answer{key: 1, at: position{0: 2}, row: rowOf(1, 1)}, false},
		{"no row", answer{key: 2, at: position{0: 1}}, true},
		{"missing row", answer{key: 2, at: position{0: 2}}, false},
		{"row of nothing", answer{key: 4, at: position{0: 2}, row: rowOf(4, 9)}, false},
		{"list of an instant", answer{at: position{0: 1}, rows: []*row{rowOf(1, 2), rowOf(3, 4)}}, true},
		{"list of two instants of a partition", answer{at: position{0: 1}, rows: []*row{rowOf(1, 1), rowOf(2, 3)}}, false},
		{"list without what is surely reached", answer{at: position{1: 2}, rows: []*row{rowOf(1, 2)}}, false},
	} {
		expect(t, c.what, c.a.check(h), c.right)
	}
	one := *p
	one.parts = map[int32][]change{0: p.parts[0]}
	h.placements = []*placement{&one}
	expect(t, "groups of an instant", (&answer{at: position{0: 1}, groups: map[string]group{"a": {2, 5}}}).check(h), true)
	expect(t, "groups of two instants", (&answer{at: position{0: 1}, groups: map[string]group{"a": {2, 4}}}).check(h), false)
	expect(t, "groups that are too old", (&answer{at: position{0: 2}, groups: map[string]group{"a": {1, 1}}}).check(h), false)
}

func TestStreamsThatAreFollowed(t *testing.T) {
	enter := func(r *row, id string) received {
		b, _ := json.Marshal(map[string]any{"key": map[string]any{"id": r.ID}, "row": r})
		return received{event: "enter", data: string(b), id: id}
	}
	update := func(r *row, id string) received {
		e := enter(r, id)
		e.event = "update"
		return e
	}
	leave := func(id int64, at string) received {
		b, _ := json.Marshal(map[string]any{"key": map[string]any{"id": id}, "row": nil})
		return received{event: "leave", data: string(b), id: at}
	}
	for _, c := range []struct {
		what     string
		received []received
		right    bool
	}{
		{"all", []received{enter(rowOf(1, 1), "0:1"), update(rowOf(1, 2), "0:2"), enter(rowOf(2, 3), "0:3"), leave(1, "0:4")}, true},
		{"row sent twice", []received{enter(rowOf(1, 1), "0:1"), enter(rowOf(1, 2), "0:2")}, false},
		{"update of nothing", []received{update(rowOf(1, 1), "0:1")}, false},
		{"leave of nothing", []received{enter(rowOf(2, 3), "0:3"), leave(1, "0:4")}, false},
		{"change left out", []received{enter(rowOf(1, 1), "0:1"), enter(rowOf(2, 3), "0:3")}, false},
		{"change of later", []received{enter(rowOf(1, 2), "0:1")}, false},
		{"reset", []received{enter(rowOf(1, 1), "0:1"), {event: "reset"}, enter(rowOf(1, 2), ""), enter(rowOf(2, 3), "0:3")}, true},
		{"reset with too little", []received{{event: "reset"}, enter(rowOf(1, 2), "0:3"), enter(rowOf(2, 3), "0:4")}, false},
	} {
		m := &mirror{of: &followedRows{keep: all}, received: c.received}
		expect(t, c.what, m.check(fourRecords()), c.right)
	}
}

func TestFreshnessThatIsTold(t *testing.T) {
	now := time.Now()
	acked := []ack{{now.Add(-3 * time.Second), 0, 7}, {now.Add(-time.Second), 0, 8}}
	fresh := func(state string, offset int64) error {
		return (&answer{asked: now, state: state, at: position{0: offset}}).fresh(acked)
	}
	expect(t, "fresh", fresh("fresh", 8), true)
	expect(t, "fresh without what could be read 3 s before", fresh("fresh", 7), false)
	expect(t, "idle without what could be read 3 s before", fresh("idle", 7), false)
	expect(t, "lagging", fresh("lagging", 0), true)
}
