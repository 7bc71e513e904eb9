package duplicates

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
)

// copyAt is what a partition has: r a row, h a hidden one, d a deletion, x what a deletion's
// mark keeps of a hidden row, l a row that is left, - a deletion of which nothing is known.
func copyAt(kind byte, partition int32, at tables.Precedence) rows.Copy {
	c := rows.Copy{Partition: partition, Offset: 5}
	switch kind {
	case 'r', 'h', 'l':
		c.Bytes = wire.AppendStateRow(nil, 1, &tables.Row{
			Values: []tables.Value{tables.Int64Value(1)}, Source: at.Source, Time: at.Time, Logged: at.Logged, Hidden: kind == 'h',
		})
		if c.Left = kind == 'l'; kind == 'h' {
			c.Kind = rows.Hidden
		}
	case 'd', 'x':
		c.Kind = rows.Gone
		c.Bytes = wire.AppendDeletion(nil, &wire.Deletion{Source: at.Source, Time: at.Time, Logged: at.Logged, Hidden: kind == 'x'})
	default:
		c.Kind = rows.Gone
	}
	return c
}

// TestWhichRowsAreOutrun holds that a row is named where the latest change is later than each
// other one for sure, and nothing where that is not so.
func TestWhichRowsAreOutrun(t *testing.T) {
	log := func(epoch uint32, minor uint64, at int64) tables.Precedence {
		return tables.Precedence{Source: tables.SourcePosition{Kind: tables.SourcePostgres, Epoch: epoch, Minor: minor}, Time: at, Logged: at + 1000}
	}
	one, two, three := log(7, 10, 1e6), log(7, 20, 2e6), log(7, 30, 3e6)
	for name, tt := range map[string]struct {
		kinds string
		at    []tables.Precedence
		want  string // partition of the latest, deletion, losing
	}{
		"a row behind a row":                       {"rr", []tables.Precedence{one, two}, "1 false [0]"},
		"a row behind a deletion":                  {"dr", []tables.Precedence{two, one}, "0 true [1]"},
		"hidden rows are rows":                     {"hxr", []tables.Precedence{one, two, three}, "2 false [0 1]"},
		"a hidden row is later":                    {"rx", []tables.Precedence{one, two}, "1 false [0]"},
		"a deletion behind a row":                  {"dr", []tables.Precedence{one, two}, ""},
		"a deletion of which nothing is known":     {"-r", []tables.Precedence{{}, two}, ""},
		"several, one of them a deletion":          {"rdr", []tables.Precedence{three, two, one}, "0 false [2]"},
		"one that is left already":                 {"lrr", []tables.Precedence{one, two, three}, "2 false [1]"},
		"the latest is left itself":                {"lr", []tables.Precedence{two, one}, ""},
		"alone":                                    {"r", []tables.Precedence{one}, ""},
		"the same change twice":                    {"rr", []tables.Precedence{one, one}, ""},
		"nothing tells which is later":             {"rr", []tables.Precedence{{Time: 5}, {Time: 5}}, ""},
		"unsettled, and a third behind":            {"rrr", []tables.Precedence{{Time: 5}, {Time: 5}, {Time: 1}}, ""},
		"a circle: the clock of one log goes back": {"rrr", []tables.Precedence{log(7, 10, 9e6), log(7, 20, 1e6), log(8, 1, 5e6)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var all []rows.Copy
			for p := range tt.at {
				all = append(all, copyAt(tt.kinds[p], int32(p), tt.at[p]))
			}
			d, yes, err := outrun("k", all)
			if err != nil || yes != (tt.want != "") {
				t.Fatalf("named %v: %+v (%v), want %q", yes, d, err, tt.want)
			}
			if !yes {
				return
			}
			if got := fmt.Sprint(d.Partition, d.Deletion, d.Losing); got != tt.want || d.Key != "k" {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if at, err := precedenceOf(&all[d.Partition]); err != nil || d.Later != at {
				t.Errorf("it stands at %+v, want %+v (%v)", d.Later, at, err)
			}
		})
	}
}

// TestWhatIsLeftGoesWithALaterCopyAlone holds that a row that is given up stays while no other
// partition has something later.
func TestWhatIsLeftGoesWithALaterCopyAlone(t *testing.T) {
	at := func(minor uint64) tables.Precedence {
		return tables.Precedence{Source: tables.SourcePosition{Kind: tables.SourcePostgres, Epoch: 7, Minor: minor}}
	}
	for name, tt := range map[string]struct {
		kinds string
		at    []uint64
		want  []int32
	}{
		"alone":                    {"l", []uint64{10}, []int32{0}},
		"behind a row":             {"lr", []uint64{10, 20}, []int32{1}},
		"behind a deletion":        {"dl", []uint64{20, 10}, []int32{0}},
		"before a row":             {"lr", []uint64{20, 10}, []int32{0, 1}},
		"behind one that is left":  {"ll", []uint64{20, 10}, []int32{0}},
		"what is not left is kept": {"rr", []uint64{10, 20}, []int32{0, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var all []rows.Copy
			for p, minor := range tt.at {
				all = append(all, copyAt(tt.kinds[p], int32(p), at(minor)))
			}
			kept, err := DropLeft(all)
			var got []int32
			for _, c := range kept {
				got = append(got, c.Partition)
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("the copies of %v are kept, want %v (%v)", got, tt.want, err)
			}
		})
	}
}
