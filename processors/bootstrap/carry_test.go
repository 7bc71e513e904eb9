package bootstrap

import (
	"errors"
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

func entry(key string, stamp int64, row []byte) seed.Entry {
	return seed.Entry{Key: tables.Key(keyOf(key)), Stamp: stamp, Value: row}
}

func TestRowsAreCarriedUnderTheirStamps(t *testing.T) {
	p := newPartition(t, seed.Carry)
	c := p.carrying()
	for _, e := range []seed.Entry{entry("a", 3, stateRow(3, "a")), entry("b", 4, stateRow(4, "b")), entry("a", 5, nil), entry("b", 3, stateRow(3, "late"))} {
		if err := c.entry(e); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.rows) != 3 || p.rows[2].key != "a" || p.rows[2].row != nil || p.rows[2].offset != 5 {
		t.Fatalf("written: %+v", p.rows)
	}
	if b, err := p.state.Get(keyOf("a")); b != nil || err != nil {
		t.Errorf("the deleted row is there, %v", err)
	}
	if err := c.entry(entry("c", 6, []byte("no row"))); err != nil || p.unusable != 1 {
		t.Errorf("%v, %d records were left out", err, p.unusable)
	}
}

// The error names the same row each time, and none that a later row of its key has cured.
func TestRowsThatCannotBeMadeAreJudgedTogether(t *testing.T) {
	p := newPartition(t, seed.Carry)
	c := p.carrying()
	if err := c.judge(); err != nil {
		t.Error(err)
	}
	for _, key := range []string{"c", "b", "a"} {
		if err := c.note(tables.Key(keyOf(key)), &seed.ValueError{Column: "v", Key: key}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.entry(entry("a", 7, stateRow(7, "cured"))); err != nil {
		t.Fatal(err)
	}
	c.reached(20, 30)
	if s := p.get(); s.Read != 0 {
		t.Errorf("a restart would go on at %d, behind rows that could not be made", s.Read)
	}
	var value *seed.ValueError
	if err := c.judge(); !errors.As(err, &value) || value.Key != "b" || value.Others != 1 {
		t.Errorf("judged: %v", err)
	}
	if !seed.Refuses(c.judge()) {
		t.Error("it would be tried again")
	}
}

func TestARowThatIsTooLargeRefusesThePlan(t *testing.T) {
	p := newPartition(t, seed.Carry, func(o *Options) { o.Exceeds = func(int, int) string { return "too large" } })
	if err := p.carrying().entry(entry("a", 3, stateRow(3, "a"))); !seed.Refuses(err) {
		t.Errorf("carried: %v", err)
	}
	p.refuse = errNotWritten
	p.change(func(s *wire.Bootstrap) { s.Phase = wire.BootstrapReading })
	if err := p.fail(t.Context(), p.unfit("so")); !errors.Is(err, errNotWritten) || !seed.Refuses(err) || p.get().Failed == "" {
		t.Errorf("failed with %v, noted %q", err, p.get().Failed)
	}
}
