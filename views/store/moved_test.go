package store

import (
	"context"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// A key that lives in two partitions has entries that are not before a cut in one of them,
// and later ones that are in the other. The later ones count: in the batch, and behind it.
func TestAKeyThatMovedIsOnceInABatchAndAsItWasLast(t *testing.T) {
	for name, last := range map[string][]tables.Value{"updated": rowOf(1, 30), "removed": nil} {
		for where, sealed := range map[string]bool{"in the base": true, "in the delta": false} {
			t.Run(name+", first "+where, func(t *testing.T) {
				s := newAccounts(t, 3)
				if sealed {
					seal(t, s, 1, 3)
				}
				apply(t, s, Change{Partition: 0, Offset: 9, Key: keyOf(1), Values: rowOf(1, 20)}, nil)
				apply(t, s, Change{Partition: 1, Offset: 4, Key: keyOf(1), Values: last}, nil)
				apply(t, s, Change{Partition: 0, Offset: 10, Key: keyOf(2), Values: rowOf(2, 40)}, nil)
				before := s.Snapshot()
				b, err := s.Seal(context.Background(), Cut{Batch: 2, Changelog: []int64{9, 5}, Unproven: true})
				if err != nil {
					t.Fatal(err)
				}
				want := map[int]int64{0: 10, 1: 30, 2: 10}
				if last == nil {
					delete(want, 1)
				}
				sameAccounts(t, "batch", b.Snapshot(), want)
				want[2] = 40
				sameAccounts(t, "before", before, want)
				sameAccounts(t, "after", s.Snapshot(), want)
			})
		}
	}
}

// sameAccounts compares all rows with the amounts that they have to have.
func sameAccounts(t *testing.T, what string, s *Snapshot, want map[int]int64) {
	t.Helper()
	if s.Rows() != int64(len(want)) {
		t.Errorf("%s: %d rows, want %d", what, s.Rows(), len(want))
	}
	for id := range 3 {
		amount, there := want[id]
		values, found := s.Lookup(keyOf(id), nil)
		if found != there {
			t.Errorf("%s: account %d is there: %v, want %v", what, id, found, there)
		} else if found && values[2] != rowOf(id, amount)[2] {
			t.Errorf("%s: account %d has %v, want %d", what, id, values[2], amount)
		}
	}
}
