package fold

import (
	"math/rand/v2"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// foldAll folds changes in the order in which they arrive.
func foldAll(arrived []tables.Change) Known {
	rules, known := &Rules{}, Known{Deleted: NoOffset}
	for i := range arrived {
		c := arrived[i]
		c.Offset = int64(i)
		out := rules.Fold(known, &c)
		switch {
		case out.Verdict.Passes():
		case out.Delete:
			known = Known{Deleted: c.Offset, Source: c.Source, Time: c.Time, SourcePartition: c.SourcePartition, Precedence: c.Precedence()}
		default:
			row := out.Row
			known = Known{Row: &row, Deleted: NoOffset, SourcePartition: row.SourcePartition, Precedence: row.Precedence()}
			known.Source, known.Time = row.LastStreamed()
		}
	}
	return known
}

// TestEndIsTheSameForEveryInterleaving reads the changes of a key, spread over partitions
// of the source, in every order that the partitions can be read in.
func TestEndIsTheSameForEveryInterleaving(t *testing.T) {
	for seed := range uint64(300) {
		dice := rand.New(rand.NewPCG(seed, 7))
		parts := make([][]tables.Change, 2+dice.IntN(3))
		var last tables.Change
		at, clock := uint64(0), int64(1_700_000_000_000_000)
		for range 1 + dice.IntN(30) {
			at += 1 + dice.Uint64N(100)
			clock += dice.Int64N(2) * 1_000_000 // many stand in one second
			p := dice.IntN(len(parts))
			last = tables.Change{
				Op: tables.Upsert, Key: "k", SourcePartition: int32(p) + 1, Time: clock, Logged: clock + 5000,
				Source: tables.SourcePosition{Kind: tables.SourceMySQL, Epoch: 9, Minor: at},
			}
			if dice.IntN(3) == 0 {
				last.Op = tables.Delete
			}
			parts[p] = append(parts[p], last)
		}
		for range 20 {
			var arrived []tables.Change
			left := make([][]tables.Change, len(parts))
			copy(left, parts)
			for {
				var some []int
				for p := range left {
					if len(left[p]) > 0 {
						some = append(some, p)
					}
				}
				if len(some) == 0 {
					break
				}
				p := some[dice.IntN(len(some))]
				n := 1 + dice.IntN(len(left[p]))
				arrived = append(arrived, left[p][:n]...)
				left[p] = left[p][n:]
			}
			got := foldAll(arrived)
			if got.Precedence != last.Precedence() || (got.Row == nil) != (last.Op == tables.Delete) {
				t.Fatalf("seed %d: ends with %+v, want %+v (%s)", seed, got.Precedence, last.Precedence(), last.Op)
			}
		}
	}
}

func TestOffsetsDecideWithinAPartition(t *testing.T) {
	got := foldAll([]tables.Change{
		{Op: tables.Upsert, SourcePartition: 1, Time: 9, Logged: 9, Source: tables.SourcePosition{Kind: tables.SourcePostgres, Epoch: 1, Minor: 300}},
		{Op: tables.Upsert, SourcePartition: 1, Time: 8, Logged: 8, Source: tables.SourcePosition{Kind: tables.SourcePostgres, Epoch: 1, Minor: 200}},
	})
	if got.Source.Minor != 200 {
		t.Errorf("position %d, want that of the later record", got.Source.Minor)
	}
}

func TestWhatNothingSettlesIsMarked(t *testing.T) {
	one := tables.Change{Op: tables.Upsert, SourcePartition: 1, Time: 9, Logged: 9}
	other, later := one, one
	other.SourcePartition, later.SourcePartition = 2, 1
	later.Time, later.Logged = 10, 10
	if got := foldAll([]tables.Change{one, other}); !got.Row.Unsettled || got.SourcePartition != 2 {
		t.Errorf("source partition %d, unsettled %v; want the one that came later, marked", got.SourcePartition, got.Row.Unsettled)
	}
	if got := foldAll([]tables.Change{one, other, later}); got.Row.Unsettled || got.SourcePartition != 1 {
		t.Errorf("source partition %d, unsettled %v; want the later one, settled", got.SourcePartition, got.Row.Unsettled)
	}
}
