package progress

import (
	"math/rand/v2"
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

func TestPositionsOfTheSourceComeFromWhatIsTold(t *testing.T) {
	m := NewSourceMap()
	tell := func(partition int32, source int64, ends ...int64) {
		m.add(wire.Repartitioned{Partition: partition, Source: source, Keyed: ends}, nil)
	}
	tell(0, 10, 3, 0)
	tell(0, 20, 3, 5)
	tell(0, 25, 3, 5) // events that made no record
	tell(2, 7, 9, 9)
	for _, c := range []struct {
		inner tables.Position
		outer string
	}{
		{nil, "0:0,1:0,2:0"}, {tables.Position{2, 9}, "0:0,1:0,2:0"}, {tables.Position{3, 0}, "0:10,1:0,2:0"},
		{tables.Position{3, 4}, "0:10,1:0,2:0"}, {tables.Position{3, 5}, "0:25,1:0,2:0"}, {tables.Position{9, 9}, "0:25,1:0,2:7"},
	} {
		if got := m.ToSource(c.inner).String(); got != c.outer {
			t.Errorf("%s stands for %s, want %s", c.inner, got, c.outer)
		}
	}
	at := tables.Position{9, 9}
	first, second := m.ToSource(at), m.ToSource(at)
	if &first[0] != &second[0] {
		t.Error("the same question has another answer in memory")
	}
	tell(1, 4, 1, 1)
	if got := m.ToSource(at).String(); got != "0:25,1:4,2:7" {
		t.Errorf("after more was reported: %s", got)
	}
	if got := m.AnyToSource(tables.Position{3, 4}).String(); got != "0:10,1:4,2:0" {
		t.Errorf("a position of before stands for %s", got)
	}
	if again := m.ToSource(at); m.AnyToSource(at)[0] != again[0] || &m.ToSource(at)[0] != &again[0] {
		t.Error("the answer about the newest rows is another one after a question about others")
	}
	var none *SourceMap
	if got := none.ToSource(at); &got[0] != &at[0] {
		t.Error("a source that is read itself has other positions")
	}
}

// However many points there are: memory is bounded, what is returned is never ahead of
// the truth, and readers that continue never go back.
func TestManyPointsNeitherGrowNorGoBack(t *testing.T) {
	m, dice := NewSourceMap(), rand.New(rand.NewPCG(5, 6))
	var inner, last int64
	ends := map[int64]int64{} // of the topic by keys -> of the source
	var end, source int64
	for range 20_000 {
		source += 1 + dice.Int64N(3)
		end += 1 + dice.Int64N(3)
		ends[end] = source
		m.add(wire.Repartitioned{Source: source, Keyed: []int64{end}}, tables.Position{inner})
		inner = min(end, inner+dice.Int64N(5))
		got := m.ToSource(tables.Position{inner}).At(0)
		if got < last {
			t.Fatalf("readers at %d go back from %d to %d", inner, last, got)
		}
		last = got
		if n := len(m.known[0]); n > manyPoints+1 {
			t.Fatalf("%d points are kept", n)
		}
	}
	for at := range end {
		got := m.ToSource(tables.Position{at}).At(0)
		for e, s := range ends {
			if s == got && e > at {
				t.Fatalf("position %d is returned as %d, which is reached at %d", at, got, e)
			}
		}
		if at > 300 {
			break
		}
	}
	if got := m.ToSource(tables.Position{end}).At(0); got != source {
		t.Errorf("at the end %d is returned, want %d", got, source)
	}
}
