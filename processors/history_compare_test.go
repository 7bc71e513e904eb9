package processors

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/integration/oracle"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// equal waits until what can be read is processed and compares the changelog with it.
func (m *historyModel) equal(what string) *oracle.Fold {
	m.t.Helper()
	o, ends := m.s.Fold()
	diff := "nothing was compared"
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		done := m.reached(ends)
		if done {
			if diff = m.differ(o); diff == "" {
				return o
			}
		}
		if done && !m.table.Repartitioned() {
			break // it does not become right later
		}
		<-time.After(20 * time.Millisecond)
	}
	m.story()
	m.t.Fatalf("%s: %s; progress %v, want %v", what, diff, m.progress(), ends)
	return o
}

// differ compares the changelog and the dead letters with the oracle.
func (m *historyModel) differ(o *oracle.Fold) string {
	rows, gone := map[spot][]byte{}, map[spot]*wire.Deletion{}
	for _, r := range m.read(m.names.Table) {
		at := m.placeOf(r)
		delete(rows, at)
		delete(gone, at)
		if r.Value != nil {
			rows[at] = r.Value
			continue
		}
		d, err := wire.ParseDeletion([]byte(headers(r)[wire.DeletionName]))
		if err != nil {
			return fmt.Sprintf("tombstone of %v: %v", at, err)
		}
		gone[at] = &d
	}
	if diff := m.compare(o, rows, gone); diff != "" {
		return "changelog: " + diff
	}
	// A row that is too large is not met where another partition has had a later change.
	least, most := o.Refused+o.TooLarge, o.Refused+o.TooLarge
	if m.table.Repartitioned() {
		least = o.Refused
	}
	if n := len(m.outstanding()); n < least || n > most {
		return fmt.Sprintf("%d dead letters, want %d to %d", n, least, most)
	}
	return ""
}

// story logs what was read and written of the keys that differ.
func (m *historyModel) story() {
	for _, id := range m.differing {
		for p := range m.parts {
			for _, r := range m.s.Readable(p) {
				if r.ID == id {
					m.t.Logf("key %d, %d:%d: kind %d, v %q, %+v", id, p, r.Offset, r.Kind, r.Row.V, r.Place)
				}
			}
		}
		for _, r := range m.read(m.names.Table) {
			if string(r.Key) == string(m.canonical(int(id))) {
				m.t.Logf("key %d, changelog %d:%d: %d bytes, %v", id, r.Partition, r.Offset, len(r.Value), r.Headers)
			}
		}
	}
}

// spot is a key in a partition; where each key has one home the partition does not count.
type spot struct {
	partition int32
	id        int64
}

func (m *historyModel) placeOf(r *kgo.Record) spot {
	return m.placeIn(r.Partition, r.Key)
}

func (m *historyModel) placeIn(partition int32, key []byte) spot {
	if m.table.Repartitioned() {
		partition = -1
	}
	return spot{partition, int64(m.idOf(key))}
}

// wanted are the copies that the oracle has.
func (m *historyModel) wanted(o *oracle.Fold) map[spot]oracle.Copy {
	out := map[spot]oracle.Copy{}
	for p := range m.parts {
		for id := range o.Part(p) {
			if m.table.Repartitioned() {
				out[spot{-1, id}] = o.Latest(id)
			} else {
				out[spot{p, id}] = o.Part(p)[id]
			}
		}
	}
	return out
}

func (m *historyModel) sameRows(what string, o *oracle.Fold, rows map[spot][]byte) {
	m.t.Helper()
	if diff := m.compare(o, rows, nil); diff != "" {
		m.t.Fatalf("%s: %s", what, diff)
	}
}

// compare returns the first difference; deletions are compared where they are given.
func (m *historyModel) compare(o *oracle.Fold, rows map[spot][]byte, gone map[spot]*wire.Deletion) string {
	wanted := m.wanted(o)
	for at := range rows {
		if wanted[at].Row == nil {
			m.differing = []int64{at.id}
			return fmt.Sprintf("%v is there, and must not be", at)
		}
	}
	for _, at := range slices.SortedFunc(maps.Keys(wanted), func(a, b spot) int { return int(a.id-b.id)*100 + int(a.partition-b.partition) }) {
		c := wanted[at]
		m.differing = []int64{at.id}
		if c.Row == nil {
			if d := gone[at]; gone != nil && (d == nil || !m.samePrecedence(d.Precedence(), c.Place)) {
				return fmt.Sprintf("deletion of %v is %+v, want %+v", at, d, c.Place)
			}
			continue
		}
		b, ok := rows[at]
		if !ok {
			return fmt.Sprintf("%v is not there, want %s", at, c.Row)
		}
		s, err := wire.ParseStateRow(b)
		if err != nil {
			return err.Error()
		}
		row, err := s.Row(nil)
		if err != nil {
			return err.Error()
		}
		if got := shown(&row); got != *c.Row {
			return fmt.Sprintf("%v is %s, want %s", at, got, c.Row)
		}
		if !m.samePrecedence(row.Precedence(), c.Place) {
			return fmt.Sprintf("%v stands at %+v, want %+v", at, row.Precedence(), c.Place)
		}
	}
	return ""
}

// samePrecedence compares what other partitions know of a change's position.
func (m *historyModel) samePrecedence(got tables.Precedence, want oracle.Place) bool {
	if m.parts == 1 {
		return true // nobody asks
	}
	return got.Time == want.Time*1000 && got.Logged == want.Logged*1000 && (!got.Source.Known() || got.Source.Snapshot == want.Snapshot)
}

func shown(r *tables.Row) oracle.Row {
	out := oracle.Row{V: r.Values[1].Str(), Big: r.Values[3].Str(), Document: string(r.Document)}
	if r.Values[3].Kind() == tables.Unavailable {
		out.Big = "unavailable"
	}
	if r.Values[2].Kind() == tables.Int64 {
		out.HasAmount, out.Amount = true, r.Values[2].Int()
	}
	return out
}

// batchRows are the rows that the snapshot topic has at a batch.
func (m *historyModel) batchRows(ms []wire.Manifest) map[spot][]byte {
	m.t.Helper()
	rows := map[spot][]byte{}
	for _, r := range m.read(m.names.Snapshot) {
		if r.Offset >= ms[r.Partition].Snapshot {
			continue
		}
		delete(rows, m.placeOf(r))
		if r.Value == nil {
			continue
		}
		_, row, err := wire.ParseSnapshotRecord(r.Value)
		if err != nil {
			m.t.Fatal(err)
		}
		rows[m.placeOf(r)] = row
	}
	return rows
}

// stateRows are the rows of the newest local state of each partition.
func (m *historyModel) stateRows() map[spot][]byte {
	m.t.Helper()
	rows := map[spot][]byte{}
	for p := range m.parts {
		newest := int64(state.Unknown) - 1
		for _, dir := range m.dirs {
			if _, err := os.Stat(stateOf(dir, p) + "/CURRENT"); err != nil {
				continue
			}
			s, err := state.Open(state.Options{Dir: stateOf(dir, p)})
			if err != nil {
				m.t.Fatal(err)
			}
			if s.Position() > newest {
				newest = s.Position()
				maps.DeleteFunc(rows, func(at spot, _ []byte) bool { return m.homeOf(at) == p })
				if err := s.Each(func(k string, b []byte) error {
					rows[m.placeIn(p, []byte(k))] = slices.Clone(b)
					return nil
				}); err != nil {
					m.t.Error(err)
				}
			}
			if err := s.Close(); err != nil {
				m.t.Error(err)
			}
		}
	}
	return rows
}

// homeOf is the partition whose state has a key.
func (m *historyModel) homeOf(at spot) int32 {
	if at.partition >= 0 {
		return at.partition
	}
	p, _ := kafka.PartitionOf(tables.PartitionMurmur2, []byte(m.canonical(int(at.id))), m.parts)
	return p
}
