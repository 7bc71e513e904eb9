package bootstrap

import (
	"slices"
	"testing"

	"github.com/tidemark/tidemark/codecs/evolve"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

func (p *partition) keeping() *keeping {
	p.t.Helper()
	w, err := evolve.NewRewriter(p.opts.Plan.From, p.opts.Table)
	if err != nil {
		p.t.Fatal(err)
	}
	return &keeping{Filling: p.Filling, rewriter: w, offsets: 5, mine: func(tables.Key) bool { return true }, newest: state.Unknown}
}

// previousRow is the previous generation's row of a key.
func (p *partition) previousRow(key string) *wire.StateRow {
	p.t.Helper()
	b, err := p.state.Previous.Get(keyOf(key))
	if err != nil {
		p.t.Fatal(err)
	}
	if b == nil {
		return nil
	}
	s, err := wire.ParseStateRow(b)
	if err != nil {
		p.t.Fatal(err)
	}
	return &s
}

func TestThePartitionsOfTheOlderChangelogThatAreRead(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(from, to *tables.Table)
		older  int32
		read   []int32
		why    bool
	}{
		"the same":               {func(_, _ *tables.Table) {}, 4, []int32{1}, false},
		"fewer before":           {func(_, _ *tables.Table) {}, 2, []int32{0, 1}, true},
		"another key":            {func(_, to *tables.Table) { to.Key = []string{"v"} }, 4, []int32{0, 1, 2, 3}, true},
		"another partitioner":    {func(_, to *tables.Table) { to.Source.Partitioner = tables.PartitionCRC32 }, 4, []int32{0, 1, 2, 3}, true},
		"repartitioned from now": {func(_, to *tables.Table) { to.Source.Partitioner = tables.PartitionAny }, 3, []int32{0, 1, 2}, false},
	} {
		from, to := definition(0), definition(1)
		tt.change(from, to)
		p := newPartition(t, seed.Adopt, func(o *Options) {
			o.Plan.From, o.Table, o.Partition, o.Input.Partitions = from, to, 1, 4
		})
		read, why := p.keeping().partitionsOf(kafka.Topic{Partitions: tt.older})
		if !slices.Equal(read, tt.read) || (why != "") != tt.why {
			t.Errorf("%s: %v are read, because %q", name, read, why)
		}
	}
}

func TestOlderRowsAreKeptAsTheChangelogTellsThem(t *testing.T) {
	p := newPartition(t, seed.Adopt)
	k := p.keeping()
	for _, e := range []seed.Entry{
		entry("a", 3, stateRow(3, "a")), entry("b", 4, stateRow(4, "b")), entry("a", 5, nil), entry("b", 3, stateRow(3, "late")), entry("c", 6, []byte("no row")),
	} {
		if err := k.entry(e); err != nil {
			t.Fatal(err)
		}
	}
	if p.previousRow("a") != nil || p.unusable != 1 {
		t.Errorf("a is kept, or %d records were left out", p.unusable)
	}
	if b := p.previousRow("b"); b == nil || b.Offset != 4 {
		t.Errorf("b is %+v", b)
	}
}

func TestOlderRowsOfAnotherTopicAreBehindAllThatIsRead(t *testing.T) {
	p := newPartition(t, seed.Adopt)
	k := p.keeping()
	k.foreign = true
	if err := k.entry(entry("a", 300, homeRow(300, "a", 0, 77))); err != nil {
		t.Fatal(err)
	}
	if a := p.previousRow("a"); a == nil || a.Offset != 4 || a.Time != 0 {
		t.Errorf("a is %+v", a)
	}
}

// Where partitions come together the latest row of a key is kept, whichever is read first.
func TestTheLatestOfSeveralOlderRowsIsKept(t *testing.T) {
	for name, order := range map[string][]int32{"the later is read first": {1, 0}, "the later is read last": {0, 1}} {
		p := newPartition(t, seed.Adopt)
		k := p.keeping()
		k.doubles, k.foreign = true, false
		for _, at := range order {
			k.newest, k.reading = state.Unknown, at
			if err := k.entry(entry("a", 3, homeRow(3, "of one of them", at+1, int64(at)))); err != nil {
				t.Fatal(err)
			}
		}
		if a := p.previousRow("a"); a == nil || a.SourcePartition != 2 {
			t.Errorf("%s: %+v is kept", name, a)
		}
		k.reading = 0
		if err := k.entry(entry("a", 9, nil)); err != nil || p.previousRow("a") != nil {
			t.Errorf("%s: a deletion that does not tell when it was leaves the row there, %v", name, err)
		}
	}
}

func TestWhatAnEarlierOwnerHasBegunIsGoneOnWith(t *testing.T) {
	p := newPartition(t, seed.Adopt)
	begun := wire.Bootstrap{Phase: wire.BootstrapReplaying, From: 5, Until: 10, Started: p.now.UnixMicro(), Failed: "for once"}
	if err := p.begin(t.Context(), begun, true); err != nil {
		t.Fatal(err)
	}
	if s := p.get(); s.From != 5 || s.Until != 10 || s.Phase != wire.BootstrapReading || s.Failed != "" {
		t.Errorf("goes on with %+v", s)
	}
	p.now = p.now.Add(2 * p.opts.MaxAge)
	if err := p.begin(t.Context(), begun, true); !seed.Refuses(err) || p.reported[0].Failed == "" {
		t.Errorf("goes on after too long: %v", err)
	}
	if err := p.begin(t.Context(), wire.Bootstrap{}, false); err != nil || p.get().From != state.Unknown {
		t.Errorf("begins with %+v, %v", p.get(), err)
	}
}
