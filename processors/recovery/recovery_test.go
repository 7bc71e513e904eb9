package recovery

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// partition is one that is recovered from a changelog that is given record by record.
type partition struct {
	*Recovery
	t       *testing.T
	next    int64 // changelog offset
	leftOut []int64
}

func newPartition(t *testing.T) *partition {
	t.Helper()
	p := &partition{t: t}
	p.Recovery = New(Options{Batch: state.Unknown, Unreadable: func(offset int64, _ error) { p.leftOut = append(p.leftOut, offset) }})
	s, err := state.Open(options(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p.Open(s)
	return p
}

func options(dir string) state.Options {
	return state.Options{
		Dir: dir, MaxAge: time.Hour, KeepDeletions: time.Hour, WriteBuffer: 1 << 20, Clock: time.Now,
	}
}

func (p *partition) take(rec Record) {
	p.t.Helper()
	rec.Offset = p.next
	p.next++
	if err := p.Take(&rec); err != nil {
		p.t.Fatal(err)
	}
}

func row(key string, stamp int64) Record {
	b := wire.AppendStateRow(nil, 0, &tables.Row{Offset: stamp})
	return Record{Key: key, Value: b, Stamp: wire.AppendStamp(nil, wire.Stamp{Offset: stamp})}
}

func deletion(key string, stamp int64, d wire.Deletion) Record {
	return Record{Key: key, Stamp: wire.AppendStamp(nil, wire.Stamp{Offset: stamp}), Says: wire.AppendDeletion(nil, &d)}
}

// want compares the offsets of the rows that there are, and the keys to be written again.
func (p *partition) want(rows map[string]int64, repairs ...string) {
	p.t.Helper()
	got := map[string]int64{}
	err := p.state.Each(func(key string, b []byte) error {
		s, err := wire.ParseStateRow(b)
		got[key] = s.Offset
		return err
	})
	if err != nil || !maps.Equal(got, rows) {
		p.t.Errorf("rows %v, want %v, %v", got, rows, err)
	}
	if keys := slices.Sorted(maps.Keys(p.Repairs())); !slices.Equal(keys, repairs) {
		p.t.Errorf("to be written again: %v, want %v", keys, repairs)
	}
}

func TestALateRecordIsNotApplied(t *testing.T) {
	p := newPartition(t)
	p.take(row("a", 5))
	p.take(row("b", 6))
	p.take(deletion("c", 7, wire.Deletion{}))
	p.take(row("a", 3))
	p.take(row("c", 4))
	p.want(map[string]int64{"a": 5, "b": 6}, "a", "c")
	p.take(row("a", 8)) // a later one repairs it
	p.want(map[string]int64{"a": 8, "b": 6}, "c")
}

func TestAGivenUpRowDoesNotComeBackByItsLateRecord(t *testing.T) {
	p := newPartition(t)
	p.take(row("a", 5))
	p.take(deletion("a", 5, wire.Deletion{GivenUp: true}))
	p.take(row("a", 5))
	p.want(map[string]int64{}, "a")
	if !p.GaveUpAt(5) || p.GaveUpAt(4) {
		t.Error("the stamp of the row given up is not known")
	}
}

func TestWhatCannotBeReadIsLeftOutAndItsKeyWrittenAgain(t *testing.T) {
	p := newPartition(t)
	p.take(row("a", 5))
	broken := row("a", 6)
	broken.Value = []byte("no row")
	p.take(broken)
	broken = row("b", 7)
	broken.Stamp = []byte("no stamp")
	p.take(broken)
	p.take(row("", 8))
	p.want(map[string]int64{"a": 5}, "a")
	if !slices.Equal(p.leftOut, []int64{1, 2, 3}) {
		t.Errorf("left out: %v", p.leftOut)
	}
	p.take(Record{Key: "a", Stamp: row("a", 9).Stamp, Says: []byte("no deletion")})
	p.want(map[string]int64{})
	if len(p.leftOut) != 4 {
		t.Error("nobody is told of what a deletion says that cannot be read")
	}
}

func TestAStateThatIsNoneOfTheChangelogIsSetAside(t *testing.T) {
	for name, tt := range map[string]struct {
		oldest, end int64
		keeps       bool
	}{"it goes on": {0, 20, true}, "it is shorter": {0, 10, false}, "it has lost what follows": {12, 20, false}} {
		o := options(t.TempDir() + "/state")
		s, err := state.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		s.SetPosition(10)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s, err = OpenState(o, func() (int64, int64, error) { return tt.oldest, tt.end, nil })
		if err != nil {
			t.Fatal(err)
		}
		if kept := s.Position() == 10; kept != tt.keeps {
			t.Errorf("%s: kept: %v", name, kept)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAHoleIsFound(t *testing.T) {
	p := newPartition(t)
	p.take(row("a", 5))
	for name, tt := range map[string]struct {
		oldest int64
		batch  *wire.Manifest
		want   string
	}{
		"whole":                 {0, nil, ""},
		"whole, with a batch":   {0, &wire.Manifest{Batch: 3, Changelog: 7, Rows: 1}, ""},
		"fewer than the batch":  {0, &wire.Manifest{Batch: 3, Changelog: 7, Rows: 2}, "batch 3"},
		"without its beginning": {4, nil, "begins at 4"},
	} {
		why, err := Hole(p.state, 0, tt.oldest, tt.batch)
		if err != nil || (why == "") != (tt.want == "") || !strings.Contains(why, tt.want) {
			t.Errorf("%s: %q, %v", name, why, err)
		}
	}
}
