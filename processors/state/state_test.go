package state

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func open1(t *testing.T, o Options) *Store {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lazily never writes by itself, so that a test decides what is on disk.
func lazily(dir string) Options {
	return Options{Dir: dir, FlushEvery: time.Hour, FlushBytes: 1 << 30}
}

func rows(t *testing.T, s *Store) map[string]string {
	t.Helper()
	out := map[string]string{}
	check(t, s.Each(func(k string, b []byte) error { out[k] = string(b); return nil }))
	return out
}

func TestReadsSeeWhatIsHeldBack(t *testing.T) {
	s := open1(t, lazily(t.TempDir()))
	defer s.Close()
	check(t, s.Put("a", []byte("1"), 1, false))
	if b, err := s.Get("a"); string(b) != "1" || err != nil {
		t.Errorf("a is %q, %v", b, err)
	}
	check(t, s.Put("a", []byte("2"), 2, false))
	check(t, s.Put("b", []byte("3"), 3, false))
	check(t, s.Delete("b", Tomb{Offset: 4, Image: []byte("last")}))
	if b, _ := s.Get("a"); string(b) != "2" {
		t.Errorf("a is %q", b)
	}
	if b, _ := s.Get("b"); b != nil {
		t.Errorf("b is %q after its deletion", b)
	}
	if tomb, ok, _ := s.Tomb("b"); !ok || tomb.Offset != 4 || string(tomb.Image) != "last" {
		t.Errorf("the deletion of b is %v, %v", tomb, ok)
	}
	check(t, s.Flush())
	if b, _ := s.Get("a"); string(b) != "2" {
		t.Errorf("a is %q after the flush", b)
	}
}

// crash opens a copy of the files as they are: what a kill -9 leaves.
func crash(t *testing.T, dir string) Options {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	check(t, os.CopyFS(to, os.DirFS(dir)))
	return lazily(to)
}

func TestTrap18ValuePositionAndGuardAreOneWrite(t *testing.T) {
	dir := t.TempDir()
	s := open1(t, lazily(dir))
	defer s.Close()
	check(t, s.Put("a", []byte("1"), 10, true))
	s.SetPosition(100)
	check(t, s.Flush())
	check(t, s.Put("a", []byte("2"), 11, true))
	s.SetPosition(101)

	after := open1(t, crash(t, dir))
	defer after.Close()
	if got := rows(t, after); got["a"] != "1" || after.Position() != 100 || after.Applied() != 10 {
		t.Errorf("after a crash: %v at %d, applied %d; want the state of the last write", got, after.Position(), after.Applied())
	}
}

func TestNothingIsHeldBackForLong(t *testing.T) {
	dir := t.TempDir()
	s := open1(t, Options{Dir: dir, FlushEvery: time.Millisecond})
	defer s.Close()
	check(t, s.Put("a", []byte("1"), 1, false))
	deadline := time.Now().Add(10 * time.Second)
	for {
		s.mu.Lock()
		n := s.batch.Len()
		s.mu.Unlock()
		if n == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the write is still held back")
		}
	}
}

func TestABatchOfBytesIsWrittenAtOnce(t *testing.T) {
	s := open1(t, Options{Dir: t.TempDir(), FlushEvery: time.Hour, FlushBytes: 100})
	defer s.Close()
	check(t, s.Put("a", make([]byte, 200), 1, false))
	if s.batch.Len() != 0 {
		t.Error("the write is held back though it is larger than the bound")
	}
}

func TestCutsSeeTheirInstantAndMarksOfIt(t *testing.T) {
	s := open1(t, lazily(t.TempDir()))
	defer s.Close()
	check(t, s.Put("a", []byte("1"), 1, true))
	check(t, s.Put("b", []byte("1"), 2, true))
	check(t, s.Put("unmarked", []byte("1"), 3, false))
	first, err := s.Cut()
	check(t, err)
	defer first.Release()
	check(t, s.Put("a", []byte("2"), 4, true))
	check(t, s.Delete("b", Tomb{Offset: 5}))
	second, err := s.Cut()
	check(t, err)
	defer second.Release()

	if got := fmt.Sprint(marked(t, first, 0, true)); got != "map[a:1 b:1]" {
		t.Errorf("first cut: %v", got)
	}
	if got := fmt.Sprint(marked(t, second, first.Epoch(), false)); got != "map[a:2 b:-]" {
		t.Errorf("second cut, changes since the first: %v", got)
	}
	if got := fmt.Sprint(marked(t, second, 0, true)); got != "map[a:2 b:-]" {
		t.Errorf("second cut, all changes, each key once: %v", got)
	}
	check(t, s.Clear(first.Epoch()))
	third, err := s.Cut()
	check(t, err)
	defer third.Release()
	if got := fmt.Sprint(marked(t, third, 0, true)); got != "map[a:2 b:-]" {
		t.Errorf("marks after the first cut must stay: %v", got)
	}
}

func marked(t *testing.T, c *Cut, after uint64, all bool) map[string]string {
	t.Helper()
	out := map[string]string{}
	check(t, c.Marked(after, all, func(k, row []byte) error {
		if _, twice := out[string(k)]; twice {
			t.Errorf("key %q comes twice", k)
		}
		out[string(k)] = string(row)
		if row == nil {
			out[string(k)] = "-"
		}
		return nil
	}))
	return out
}

func TestTrap14CloseWaitsForCuts(t *testing.T) {
	s := open1(t, lazily(t.TempDir()))
	c, err := s.Cut()
	check(t, err)
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	for range 100 {
		select {
		case <-closed:
			t.Fatal("closed under a cut")
		default:
		}
		check(t, c.Rows(func(_, _ []byte) error { return nil }))
	}
	c.Release()
	check(t, <-closed)
}

func TestDeletionsAreForgottenUpToAnOffset(t *testing.T) {
	dir := t.TempDir()
	s := open1(t, lazily(dir))
	for i := range 10 {
		check(t, s.Delete(fmt.Sprint("k", i), Tomb{Offset: int64(i)}))
	}
	check(t, s.Delete("k1", Tomb{Offset: 20}))
	check(t, s.Forget(5))
	known := func(s *Store) (n int) {
		for i := range 10 {
			if _, ok, err := s.Tomb(fmt.Sprint("k", i)); err != nil {
				t.Fatal(err)
			} else if ok {
				n++
			}
		}
		return n
	}
	if n := known(s); n != 6 {
		t.Errorf("%d deletions are known, want k5 to k9, and k1, which was deleted again later", n)
	}
	check(t, s.Close())
	s = open1(t, lazily(dir))
	defer s.Close()
	check(t, s.Forget(9))
	if n := known(s); n != 2 {
		t.Errorf("%d deletions are known after opening, want k9 and k1", n)
	}
}

func TestHashesAndEmittedSurvive(t *testing.T) {
	dir := t.TempDir()
	s := open1(t, lazily(dir))
	h := s.Hashes()
	check(t, h.Set([]byte("a"), 7))
	check(t, h.Set([]byte("b"), 8))
	check(t, h.Write())
	check(t, h.Drop([]byte("b")))
	check(t, h.Write())
	want := Emitted{Batch: 3, Rows: 1, Checksum: 1 << 63, Epoch: 9, Complete: true}
	check(t, s.SetEmitted(want))
	check(t, s.SetControl(42))
	check(t, s.Close())
	s = open1(t, lazily(dir))
	defer s.Close()
	if got, ok, err := s.Emitted(); got != want || !ok || err != nil {
		t.Errorf("emitted is %v, %v, %v", got, ok, err)
	}
	if c, err := s.Control(); c != 42 || err != nil {
		t.Errorf("control is %d, %v", c, err)
	}
	h = s.Hashes()
	if v, ok, _ := h.Get([]byte("a")); v != 7 || !ok {
		t.Errorf("hash of a is %d, %v", v, ok)
	}
	if _, ok, _ := h.Get([]byte("b")); ok {
		t.Error("b still has a hash")
	}
	check(t, h.Wipe())
	if _, ok, _ := h.Get([]byte("a")); ok {
		t.Error("a still has a hash after the wipe")
	}
}

// A key may be any bytes: none may collide with what is kept beside the rows.
func TestTrap08AndTrap23KeySpacesDoNotMeet(t *testing.T) {
	s := open1(t, lazily(t.TempDir()))
	defer s.Close()
	keys := []string{"__offset", "", "mposition", "position", "\x00", "r", "d", string([]byte{spaceMeta}) + "epoch"}
	for i, k := range keys {
		check(t, s.Put(k, []byte(fmt.Sprint(i)), int64(i), true))
	}
	check(t, s.Put("gone", nil, 98, true))
	check(t, s.Delete("gone", Tomb{Offset: 99}))
	check(t, s.Hashes().Set([]byte("hash"), 1))
	s.SetPosition(1234)
	check(t, s.Flush())
	if s.Position() != 1234 {
		t.Errorf("position is %d", s.Position())
	}
	got := rows(t, s)
	if len(got) != len(keys) {
		t.Errorf("iterating gives %d rows, want the %d keys and nothing of ours", len(got), len(keys))
	}
	for i, k := range keys {
		if got[k] != fmt.Sprint(i) {
			t.Errorf("row %q is %q", k, got[k])
		}
	}
	reopened := s.onDisk
	if reopened != 1234 {
		t.Errorf("position on disk is %d", reopened)
	}
}
