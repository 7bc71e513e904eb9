package processors

import (
	"testing"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// duplicatesHistory leaves keys that are in two partitions each, with the latest change in one
// of them, and the events of all of them gone from the source: 1 has a later row, and its
// old one is given up; 2 has a later row; 3 was deleted later, and its row is given up; 4
// and 5 are as others are.
func duplicatesHistory(w *world, winner int32) {
	w.t.Helper()
	loser := 1 - winner
	i := w.start(w.t.TempDir())
	for id := 1; id <= 3; id++ {
		w.set(loser, id, "old", 10+id)
	}
	w.set(loser, 4, "alone", 14)
	w.set(winner, 5, "alone, too", 15)
	w.set(winner, 1, "new", 21)
	w.set(winner, 2, "new", 22)
	w.unset(winner, 3, 23)
	w.caughtUp(i)
	w.giveUp(i, 1, winner, loser)
	w.giveUp(i, 3, winner, loser)
	ends, err := kafka.EndOffsets(w.t.Context(), w.client, sourceTopic)
	if err != nil {
		w.t.Fatal(err)
	}
	to := map[int32]int64{}
	for p, end := range ends {
		to[int32(p)] = end
	}
	w.trim(to)
}

// TestAGivenUpRowTakesNoOtherWithItIntoAnotherGeneration fills generations from rows that are
// in several partitions: where these come together in one, the latest is the row.
func TestAGivenUpRowTakesNoOtherWithItIntoAnotherGeneration(t *testing.T) {
	for name, winner := range map[string]int32{"the later is read first": 0, "the later is read last": 1} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 2)
			duplicatesHistory(w, winner)
			repartitioned := w.generation(func(t *tables.Table) { t.Source.Partitioner = tables.PartitionAny })
			repartitioned.start(t.TempDir(), from(w, seed.Adopt))
			repartitioned.filled()
			same(t, "repartitioned", map[int64]string{1: "new", 2: "new", 4: "alone", 5: "alone, too"}, repartitioned.changelog())
			for id := 1; id <= 5; id++ {
				if r := repartitioned.row(id); r != nil && r.SourcePartition != 0 {
					t.Errorf("row %d has the source partition %d of another topic's partitions", id, r.SourcePartition)
				}
			}
		})
	}
}

// TestAGivenUpRowStaysGivenUpInAnotherGeneration fills generations of the same partitions.
func TestAGivenUpRowStaysGivenUpInAnotherGeneration(t *testing.T) {
	w := newWorld(t, 2)
	duplicatesHistory(w, 0)
	for rows, generation := range map[seed.Rows]int{seed.Carry: 1, seed.Adopt: 2} {
		next := w.generation(unchanged)
		next.table.Generation = generation
		next.names = w.settings.Names(next.table)
		i := next.start(t.TempDir(), from(w, rows))
		next.filled()
		if rows == seed.Carry && !(next.gaveUp(1, 1) && next.gaveUp(1, 3)) {
			t.Errorf("%v: a row that was given up is not, or not said to be", rows)
		}
		for id, want := range map[int]bool{1: true, 2: true, 3: false, 5: true} {
			if r := next.copyOf(0, id); (r != nil && r.Value != nil) != want {
				t.Errorf("%v: row %d in the partition of its latest change: %v", rows, id, r)
			}
		}
		for id, want := range map[int]bool{1: false, 2: true, 3: false, 4: true} {
			if r := next.copyOf(1, id); (r != nil && r.Value != nil) != want {
				t.Errorf("%v: row %d in the other partition: %v", rows, id, r)
			}
		}
		next.giveUp(i, 2, 0, 1) // the new generation goes on with it
		i.stop()
	}
}
