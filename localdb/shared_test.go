package localdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

// openBelow returns how many files below a directory this process has open.
func openBelow(t *testing.T, dir string) (n int) {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("the descriptors of a process cannot be seen here:", err)
	}
	for _, f := range open {
		if to, err := os.Readlink(filepath.Join("/proc/self/fd", f.Name())); err == nil && strings.HasPrefix(to, dir) {
			n++
		}
	}
	return n
}

// openSeveral opens databases below a directory.
func openSeveral(t *testing.T, s *Shared, dir string, n int) (all []*leveldb.DB) {
	t.Helper()
	for i := range n {
		db, err := s.Open(filepath.Join(dir, fmt.Sprint(i)), settings(), quiet)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, db)
	}
	return all
}

func closeAll(t *testing.T, all []*leveldb.DB) {
	t.Helper()
	for _, db := range all {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDatabasesAtRestHoldNoFiles(t *testing.T) {
	dir, s := t.TempDir(), NewShared(Limits{Memory: 1 << 30, Files: 1000, Databases: 20})
	s.writers.idle = 10 * time.Millisecond
	all := openSeveral(t, s, dir, 20)
	for round := range 3 { // what was closed is written again
		for i, db := range all {
			if err := db.Put(fmt.Append(nil, round), fmt.Append(nil, i), nil); err != nil {
				t.Fatal(err)
			}
		}
		for deadline := time.Now().Add(10 * time.Second); openBelow(t, dir) > 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("round %d: %d files are open", round, openBelow(t, dir))
			}
		}
	}
	closeAll(t, all)
	for i, db := range openSeveral(t, s, dir, 20) {
		for round := range 3 {
			if v, err := db.Get(fmt.Append(nil, round), nil); err != nil || string(v) != fmt.Sprint(i) {
				t.Errorf("database %d, round %d: %q, %v", i, round, v, err)
			}
		}
		closeAll(t, []*leveldb.DB{db})
	}
}

// TestOpenFilesStayBelowTheirLimit writes to many databases in turn, so that each has to be opened again.
func TestOpenFilesStayBelowTheirLimit(t *testing.T) {
	dir, s := t.TempDir(), NewShared(Limits{Memory: 1 << 30, Files: leastFiles, Databases: 50})
	all := openSeveral(t, s, dir, 50)
	for round := range 5 {
		for _, db := range all {
			if err := db.Put([]byte("key"), fmt.Append(nil, round), nil); err != nil {
				t.Fatal(err)
			}
			if n := openBelow(t, dir); n > leastFiles {
				t.Fatalf("%d files are open", n)
			}
		}
	}
	for i, db := range all {
		if v, err := db.Get([]byte("key"), nil); err != nil || string(v) != "4" {
			t.Errorf("database %d: %q, %v", i, v, err)
		}
	}
	closeAll(t, all)
	if n := openBelow(t, dir); n > 0 {
		t.Errorf("%d files are open when all are closed", n)
	}
}

func TestDirectoryIsOpenedOnce(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir, settings(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, settings(), quiet); !errors.Is(err, storage.ErrLocked) {
		t.Errorf("a second time: %v", err)
	}
	closeAll(t, []*leveldb.DB{db})
	if db, err = Open(dir, settings(), quiet); err != nil {
		t.Fatal(err)
	}
	closeAll(t, []*leveldb.DB{db})
}

// TestFilesAreThoseOfLevelDB lets LevelDB's own storage and ours open what the other has left, in turn.
func TestFilesAreThoseOfLevelDB(t *testing.T) {
	dir := t.TempDir()
	for round := range 6 {
		var db *leveldb.DB
		var err error
		if round%2 == 0 {
			db, err = leveldb.OpenFile(dir, settings())
		} else {
			db, err = Open(dir, settings(), quiet)
		}
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for n := range testWrites {
			if err := db.Put(fmt.Appendf(nil, "%d %d", round, n), testValue(n), nil); err != nil {
				t.Fatal(err)
			}
		}
		for earlier := range round + 1 {
			if v, err := db.Get(fmt.Appendf(nil, "%d %d", earlier, testWrites-1), nil); err != nil || string(v) != string(testValue(testWrites-1)) {
				t.Errorf("round %d: what round %d wrote: %d bytes, %v", round, earlier, len(v), err)
			}
		}
		closeAll(t, []*leveldb.DB{db})
	}
}

func TestWriteBuffersAreAShareUntilADatabaseIsLarge(t *testing.T) {
	s := NewShared(Limits{Memory: bufferPart * 100 * mib, Databases: 100})
	for _, c := range []struct {
		bytes     int64
		wish, has int
	}{{0, 8 * mib, mib}, {0, kib, kib}, {largeBytes - 1, 8 * mib, mib}, {largeBytes, 8 * mib, 8 * mib}} {
		o := settings()
		o.WriteBuffer = c.wish
		if s.fit(o, c.bytes); o.WriteBuffer != c.has {
			t.Errorf("%d bytes on disk, %d wanted: %d, want %d", c.bytes, c.wish, o.WriteBuffer, c.has)
		}
	}
	if got := (*Shared)(nil).WriteBuffer(8 * mib); got != 8*mib {
		t.Errorf("alone: %d", got)
	}
}
