package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/syndtr/goleveldb/leveldb/storage"
)

// Wherever a disk fails, the position on it is never beyond, nor behind, the rows.
func TestNoFailureTearsValueAndPositionApart(t *testing.T) {
	for _, allowed := range []int{0, 1, 2, 3, 5, 8} {
		disk := &fullDisk{Storage: storage.NewMemStorage()}
		o := lazily("memory")
		o.Storage = disk
		s := open1(t, o)
		disk.counting, disk.left = true, allowed
		for n := range int64(5) {
			_ = s.Put("a", []byte(fmt.Sprint(n)), Origin{Offset: n}, true)
			s.SetPosition(n)
			_ = s.Flush()
		}
		_ = s.Close()
		disk.counting = false
		s = open1(t, o)
		row, position := rows(t, s)["a"], s.Position()
		if (row == "") != (position == Unknown) || (row != "" && row != fmt.Sprint(position)) {
			t.Errorf("after %d writes the row is %q and the position %d", allowed, row, position)
		}
		check(t, s.Close())
	}
}

func aside(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(dir + asideMark + "*")
	check(t, err)
	return found
}

func TestAnOldStateIsSetAside(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	now := time.Unix(1_800_000_000, 0)
	o := lazily(dir)
	o.MaxAge, o.Clock = 24*time.Hour, func() time.Time { return now }
	s := open1(t, o)
	check(t, s.Put("zombie", []byte("1"), Origin{Offset: 1}, false))
	check(t, s.Close())

	now = now.Add(23 * time.Hour)
	s = open1(t, o)
	if len(rows(t, s)) != 1 {
		t.Error("a young state was not used")
	}
	check(t, s.Close())

	now = now.Add(25 * time.Hour)
	s = open1(t, o)
	defer s.Close()
	if n := len(rows(t, s)); n != 0 || s.Position() != Unknown {
		t.Errorf("an old state was used: %d rows at %d", n, s.Position())
	}
	if len(aside(t, dir)) != 1 {
		t.Errorf("set aside: %v", aside(t, dir))
	}
}

func TestAStateOfOtherTopicsIsSetAside(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	o := lazily(dir)
	o.Identity = Identity{Source: [16]byte{1}, Changelog: [16]byte{2}}
	s := open1(t, o)
	check(t, s.Put("zombie", []byte("1"), Origin{Offset: 1}, false))
	check(t, s.Close())
	o.Identity.Changelog = [16]byte{3}
	s = open1(t, o)
	defer s.Close()
	if n := len(rows(t, s)); n != 0 {
		t.Errorf("%d rows of a changelog that is gone", n)
	}
}

func TestAStateOfAnotherSourceIsRefused(t *testing.T) {
	o := lazily(t.TempDir())
	o.Identity = Identity{Source: [16]byte{1}, Changelog: [16]byte{2}}
	check(t, open1(t, o).Close())
	o.Identity.Source = [16]byte{9}
	if _, err := Open(o); !errors.Is(err, ErrOtherSource) {
		t.Errorf("open: %v", err)
	}
	o.Identity.Source = [16]byte{}
	check(t, open1(t, o).Close())
}

func TestACorruptStateIsSetAside(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s := open1(t, lazily(dir))
	for i := range 1000 {
		check(t, s.Put(fmt.Sprint("key", i), make([]byte, 100), Origin{Offset: int64(i)}, false))
	}
	check(t, s.Close())
	names, err := filepath.Glob(filepath.Join(dir, "MANIFEST-*"))
	check(t, err)
	check(t, os.WriteFile(names[0], []byte("this is no manifest"), 0o644))
	s = open1(t, lazily(dir))
	defer s.Close()
	if n := len(rows(t, s)); n != 0 || s.Position() != Unknown {
		t.Errorf("a corrupt state was used: %d rows", n)
	}
	if len(aside(t, dir)) != 1 {
		t.Errorf("set aside: %v", aside(t, dir))
	}
}

func TestOnlyTheNewestStatesSetAsideAreKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	for range 4 {
		s := open1(t, lazily(dir))
		check(t, s.Close())
		check(t, Quarantine(lazily(dir), errors.New("a test")))
	}
	if n := len(aside(t, dir)); n != asideKept {
		t.Errorf("%d set-aside states are kept, want %d", n, asideKept)
	}
}

// fullDisk is a disk on which nothing can be written any more.
type fullDisk struct {
	storage.Storage
	full     bool
	counting bool // full after left more writes
	left     int
}

type fullFile struct {
	storage.Writer
	disk *fullDisk
}

func (d *fullDisk) Create(fd storage.FileDesc) (storage.Writer, error) {
	if d.full {
		return nil, syscall.ENOSPC
	}
	w, err := d.Storage.Create(fd)
	return &fullFile{w, d}, err
}

func (f *fullFile) Write(b []byte) (int, error) {
	if f.disk.counting {
		f.disk.left--
	}
	if f.disk.full || (f.disk.counting && f.disk.left < 0) {
		return 0, syscall.ENOSPC
	}
	return f.Writer.Write(b)
}

func TestAFullDiskFailsEveryLaterWriteAndLosesNothing(t *testing.T) {
	disk := &fullDisk{Storage: storage.NewMemStorage()}
	o := lazily("memory")
	o.Storage = disk
	s := open1(t, o)
	check(t, s.Put("a", []byte("1"), Origin{Offset: 1}, false))
	s.SetPosition(1)
	check(t, s.Flush())
	disk.full = true
	check(t, s.Put("a", []byte("2"), Origin{Offset: 2}, false))
	s.SetPosition(2)
	if err := s.Flush(); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("flush: %v, want the disk's error", err)
	}
	disk.full = false
	if err := s.Put("b", []byte("3"), Origin{Offset: 3}, false); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a write after the failed one: %v, want its error: there must be no gap", err)
	}
	if err := s.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("close: %v", err)
	}
	s = open1(t, o)
	defer s.Close()
	if got := rows(t, s); got["a"] != "1" || len(got) != 1 || s.Position() != 1 {
		t.Errorf("after opening: %v at %d, want the state of the last write", got, s.Position())
	}
}

func TestADirectoryThatCannotBeMadeIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(file, nil, 0o644))
	if _, err := Open(lazily(filepath.Join(file, "state"))); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("open: %v", err)
	}
}
