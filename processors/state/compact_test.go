package state

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"
)

func TestAStateAtRestHoldsLittleMoreThanItsRows(t *testing.T) {
	dir := t.TempDir()
	s := open1(t, Options{Dir: dir, CompactEvery: time.Hour})
	defer s.Close()
	const keys, width = 20_000, 300
	row := make([]byte, width)
	dice := rand.New(rand.NewPCG(1, 1))
	offset := int64(0)
	for range 4 {
		for k := range keys {
			for i := range row {
				row[i] = byte(dice.Uint32()) // nothing to compress
			}
			check(t, s.Put(fmt.Sprintf("key %07d", k), row, Origin{Offset: offset}, false))
			offset++
		}
	}
	check(t, s.Flush())
	const live = keys * (width + 11)
	if before := bytesBelow(t, dir); before < 2*live {
		t.Fatalf("%d bytes on disk for %d of rows: there is nothing to merge", before, live)
	}
	var look compactor
	look.look(s.disk)
	if n := bytesBelow(t, dir); n < 2*live {
		t.Errorf("%d bytes on disk: merged while much was written", n)
	}
	look.look(s.disk)
	// LevelDB removes the merged files behind our back.
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for bytesBelow(t, dir) > live*13/10 {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes on disk for %d of rows", bytesBelow(t, dir), live)
		}
		<-tick.C
	}
	if b, err := s.Get("key 0000007"); len(b) != width || err != nil {
		t.Errorf("a row has %d bytes after the merge, %v", len(b), err)
	}
}

func bytesBelow(t *testing.T, dir string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return nil // files come and go in a merge
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
