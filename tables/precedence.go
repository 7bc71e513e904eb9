package tables

import "cmp"

// A Precedence is what is known about when a change of a key was made: of a row, or of a
// deletion, which takes part as a row does.
//
// Precedence between changes of one key. Within a partition of the source the offset
// decides, always. A key whose bytes have changed, or that is routed by something else
// than itself, has changes in several partitions; between those, and only there:
//
//  1. The database's position, between streamed events of one epoch: one connector,
//     database, and server or source of GTIDs. A snapshot's event has no position to
//     be compared: what it read may be older than an event in front of it.
//  2. The source's clock, where both have it. Of a snapshot's event and a streamed one
//     of the same time the streamed one is later: connectors read first, then follow.
//  3. Kafka's timestamp of the source's records.
//  4. Arrival. The row is then marked as unsettled.
type Precedence struct {
	Source SourcePosition
	Time   int64 // the database's, else the record's; microseconds since the epoch
	Logged int64 // the record's; 0 where it is not known
}

// Precedence returns the precedence of a change.
func (c *Change) Precedence() Precedence {
	return Precedence{Source: c.Source, Time: c.Time, Logged: c.Logged}
}

// Precedence returns the precedence of the change that wrote the row.
func (r *Row) Precedence() Precedence {
	return Precedence{Source: r.Source, Time: r.Time, Logged: r.Logged}
}

// Compare orders two changes of one key from different partitions: negative when s is
// the earlier one. Zero with settled says that they are the same change, twice; zero
// without that nothing says.
func (s Precedence) Compare(o Precedence) (order int, settled bool) {
	order, ordered := s.Source.Order(o.Source)
	if order == 0 {
		order = s.byClock(o)
	}
	return order, ordered || order != 0
}

// byClock orders two changes that the database has put in no order.
func (s Precedence) byClock(o Precedence) int {
	if s.Logged == 0 || o.Logged == 0 || s.clocked() && o.clocked() {
		if order := cmp.Compare(s.Time, o.Time); order != 0 {
			return order
		}
		if s.clocked() && o.clocked() && s.Source.Snapshot != o.Source.Snapshot {
			if s.Source.Snapshot {
				return -1
			}
			return 1
		}
	}
	if s.Logged == 0 || o.Logged == 0 {
		return 0
	}
	return cmp.Compare(s.Logged, o.Logged)
}

// clocked reports whether the time is the source's: where it has none, it is the record's.
func (s Precedence) clocked() bool { return s.Logged == 0 || s.Time != s.Logged }

// Latest returns which of the last changes of a key in several partitions counts, given
// in the order of their arrival or, where nobody knows that, in any fixed one. Of the
// events of one epoch only the last by position is looked at further: clocks decide
// between epochs, never within one.
func Latest(all []Precedence) (latest int, settled bool) {
	latest, settled = -1, true
	for i := range all {
		if beaten(all, i) {
			continue
		}
		if latest < 0 {
			latest = i
			continue
		}
		order, told := all[i].Compare(all[latest])
		switch {
		case order > 0:
			latest, settled = i, true
		case order == 0:
			latest, settled = i, settled && told
		}
	}
	return latest, settled
}

// beaten reports whether another change of the same epoch is after the i-th.
func beaten(all []Precedence, i int) bool {
	for j := range all {
		if _, ordered := all[i].Source.Order(all[j].Source); !ordered || i == j {
			continue
		}
		if order, _ := all[i].Compare(all[j]); order < 0 || order == 0 && i < j {
			return true
		}
	}
	return false
}
