package state

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestADamagedJournalIsNeverHalfBelieved damages the journal that holds the newest rows:
// rows and position are those of one moment, or the state is set aside.
func TestADamagedJournalIsNeverHalfBelieved(t *testing.T) {
	const writes = 200
	for name, c := range map[string]struct {
		damage func(b []byte) []byte
		usable bool
	}{
		"whole":               {func(b []byte) []byte { return b }, true},
		"torn":                {func(b []byte) []byte { return b[:len(b)-40] }, true},
		"cut in the middle":   {func(b []byte) []byte { return b[:len(b)/3] }, true},
		"emptied":             {func(b []byte) []byte { return nil }, true},
		"last bytes turned":   {func(b []byte) []byte { b[len(b)-20] ^= 0xff; return b }, true},
		"end zeroed":          {func(b []byte) []byte { clear(b[len(b)/2:]); return b }, true},
		"one bit turned":      {func(b []byte) []byte { b[len(b)/2] ^= 1; return b }, false},
		"first bit turned":    {func(b []byte) []byte { b[0] ^= 1; return b }, false},
		"middle block zeroed": {func(b []byte) []byte { clear(b[32<<10 : 64<<10]); return b }, false},
		"middle left out":     {func(b []byte) []byte { return append(b[:64<<10:64<<10], b[128<<10:]...) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "state")
			s := open1(t, lazily(dir))
			for i := range int64(writes) {
				check(t, s.Put(fmt.Sprintf("key %04d", i), bytes.Repeat([]byte{byte(i)}, 1000), Origin{Offset: i}, true))
				s.SetPosition(i)
				check(t, s.Flush())
			}
			logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
			if err != nil || len(logs) != 1 {
				t.Fatal(logs, err)
			}
			journal, err := os.ReadFile(logs[0])
			check(t, err)
			check(t, s.Close())
			check(t, os.WriteFile(logs[0], c.damage(journal), 0o600))

			s = open1(t, lazily(dir))
			defer s.Close()
			if n := int64(len(rows(t, s))); n != s.Position()+1 {
				t.Errorf("%d rows at position %d", n, s.Position())
			}
			if set := len(aside(t, dir)) == 1; set == c.usable {
				t.Errorf("set aside: %v", set)
			}
		})
	}
}

// TestMarksAreNeverOfAnEpochThatABatchHas loses the write in which the epoch behind a cut
// is, and keeps the one that says that the batch of the cut is complete.
func TestMarksAreNeverOfAnEpochThatABatchHas(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s := open1(t, lazily(dir))
	check(t, s.Put("a", []byte("1"), Origin{Offset: 1}, true))
	cut, err := s.Batches.Cut()
	check(t, err)
	done := Emitted{Batch: 1, Epoch: cut.Epoch(), Complete: true}
	cut.Release()
	check(t, s.Batches.SetEmitted(done)) // the new epoch is held back
	killed := filepath.Join(t.TempDir(), "state")
	check(t, os.CopyFS(killed, os.DirFS(dir)))
	check(t, s.Close())

	s = open1(t, lazily(killed))
	defer s.Close()
	check(t, s.Put("b", []byte("2"), Origin{Offset: 2}, true))
	cut, err = s.Batches.Cut()
	check(t, err)
	defer cut.Release()
	var marked []string
	check(t, cut.Marked(done.Epoch, false, func(key, _ []byte) error {
		marked = append(marked, string(key))
		return nil
	}))
	if fmt.Sprint(marked) != "[b]" {
		t.Errorf("changed since the batch: %v, want b", marked)
	}
}
