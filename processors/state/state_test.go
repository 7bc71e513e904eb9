package state

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
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
	check(t, s.Put("a", []byte("1"), Origin{Offset: 1}, false))
	if b, err := s.Get("a"); string(b) != "1" || err != nil {
		t.Errorf("a is %q, %v", b, err)
	}
	check(t, s.Put("a", []byte("2"), Origin{Offset: 2}, false))
	check(t, s.Put("b", []byte("3"), Origin{Offset: 3}, false))
	check(t, s.Delete("b", Tomb{Offset: 4, Deletion: []byte("last")}, Origin{Offset: 4}))
	if b, _ := s.Get("a"); string(b) != "2" {
		t.Errorf("a is %q", b)
	}
	if b, _ := s.Get("b"); b != nil {
		t.Errorf("b is %q after its deletion", b)
	}
	if tomb, ok, _ := s.Tomb("b"); !ok || tomb.Offset != 4 || string(tomb.Deletion) != "last" {
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

func TestValuePositionAndGuardAreOneWrite(t *testing.T) {
	dir := t.TempDir()
	s := open1(t, lazily(dir))
	defer s.Close()
	check(t, s.Put("a", []byte("1"), Origin{Offset: 10}, true))
	s.SetPosition(100)
	check(t, s.Flush())
	check(t, s.Put("a", []byte("2"), Origin{Offset: 11}, true))
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
	check(t, s.Put("a", []byte("1"), Origin{Offset: 1}, false))
	deadline := time.Now().Add(10 * time.Second)
	for {
		s.disk.mu.Lock()
		n := s.disk.batch.Len()
		s.disk.mu.Unlock()
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
	check(t, s.Put("a", make([]byte, 200), Origin{Offset: 1}, false))
	if s.disk.batch.Len() != 0 {
		t.Error("the write is held back though it is larger than the bound")
	}
}

func TestCutsSeeTheirInstantAndMarksOfIt(t *testing.T) {
	s := open1(t, lazily(t.TempDir()))
	defer s.Close()
	check(t, s.Put("a", []byte("1"), Origin{Offset: 1}, true))
	check(t, s.Put("b", []byte("1"), Origin{Offset: 2}, true))
	check(t, s.Put("unmarked", []byte("1"), Origin{Offset: 3}, false))
	first, err := s.Batches.Cut()
	check(t, err)
	defer first.Release()
	check(t, s.Put("a", []byte("2"), Origin{Offset: 4}, true))
	check(t, s.Delete("b", Tomb{Offset: 5}, Origin{Offset: 5}))
	second, err := s.Batches.Cut()
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
	check(t, s.Batches.Clear(first.Epoch()))
	third, err := s.Batches.Cut()
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

func TestCloseWaitsForCuts(t *testing.T) {
	s := open1(t, lazily(t.TempDir()))
	c, err := s.Batches.Cut()
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

// knownDeletions counts which of the keys k0, k1, ... are known to be deleted.
func knownDeletions(t *testing.T, s *Store, keys int) (n int) {
	t.Helper()
	for i := range keys {
		if _, ok, err := s.Tomb(fmt.Sprint("k", i)); err != nil {
			t.Fatal(err)
		} else if ok {
			n++
		}
	}
	return n
}

func TestDeletionsThatAreNotKeptAreForgottenUpToAnOffset(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	o := lazily(t.TempDir())
	o.Clock = func() time.Time { return now }
	s := open1(t, o)
	for i := range 10 {
		check(t, s.Delete(fmt.Sprint("k", i), Tomb{Offset: int64(i)}, Origin{Offset: int64(i)}))
	}
	check(t, s.Delete("k1", Tomb{Offset: 20}, Origin{Offset: 20}))
	check(t, s.Deletions.Forget(5))
	if n := knownDeletions(t, s, 10); n != 10 {
		t.Errorf("%d deletions are known at once, want all: their tombstones may not be acknowledged", n)
	}
	now = now.Add(2 * briefAtLeast)
	check(t, s.Deletions.Forget(5))
	if n := knownDeletions(t, s, 10); n != 6 {
		t.Errorf("%d deletions are known, want k5 to k9, and k1, which was deleted again later", n)
	}
	check(t, s.Close())
	s = open1(t, o)
	defer s.Close()
	if n, err := s.Sweep(t.Context(), 9); n != 4 || err != nil || knownDeletions(t, s, 10) != 2 {
		t.Errorf("a sweep after opening drops %d, %v; want all but k9 and k1", n, err)
	}
}

func TestDeletionsAreKeptByTheTimeOfTheirRecords(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	o := lazily(t.TempDir())
	o.KeepDeletions, o.Clock = time.Hour, func() time.Time { return now }
	s := open1(t, o)
	old, young := now.Add(-2*time.Hour).UnixMicro(), now.Add(-time.Minute).UnixMicro()
	check(t, s.Delete("k0", Tomb{Offset: 0, Read: old}, Origin{Offset: 0}))
	check(t, s.Delete("k1", Tomb{Offset: 1, Read: young, Deletion: []byte("told")}, Origin{Offset: 1}))
	check(t, s.Delete("k2", Tomb{Offset: 2, Read: young, Brief: true}, Origin{Offset: 2}))
	now = now.Add(2 * briefAtLeast)
	check(t, s.Deletions.Forget(100))
	if tomb, ok, _ := s.Tomb("k1"); knownDeletions(t, s, 3) != 1 || !ok || string(tomb.Deletion) != "told" || tomb.Read != young {
		t.Errorf("%d deletions are known, k1 as %+v; want the young one only, and of a truncate none", knownDeletions(t, s, 3), tomb)
	}
	for i := range 3 * sweepAtOnce {
		check(t, s.Delete(fmt.Sprint("more", i), Tomb{Offset: 3, Read: young}, Origin{Offset: 3}))
	}
	now = now.Add(time.Hour)
	check(t, s.Delete("k0", Tomb{Offset: 50, Read: now.UnixMicro()}, Origin{Offset: 50}))
	n, err := s.Sweep(t.Context(), 100)
	if n != 3*sweepAtOnce+1 || err != nil || knownDeletions(t, s, 3) != 1 {
		t.Errorf("a sweep an hour later drops %d, %v, and %d are known; want the newest to stay", n, err, knownDeletions(t, s, 3))
	}
}

func TestDeletionsOfTheFirstVersionStayReadable(t *testing.T) {
	tomb, err := parseTomb(append(appendInt(nil, 1234), "image"...))
	if err != nil || tomb.Offset != 1234 || tomb.Deletion != nil {
		t.Errorf("%+v, %v", tomb, err)
	}
	for _, b := range [][]byte{nil, {2}, {2, 0, 0x80}, {9, 0, 0, 0}} {
		if _, err := parseTomb(b); err == nil {
			t.Errorf("%x was read", b)
		}
	}
}

func TestImagesAreFoundNewestFirst(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	o := lazily(t.TempDir())
	o.KeepDeletions, o.Clock = time.Hour, func() time.Time { return now }
	s := open1(t, o)
	defer s.Close()
	put := func(old, new string, offset int64) {
		check(t, s.BeforeImages.Put(old, new, BeforeImage{Offset: offset, At: now.UnixMicro(), Row: fmt.Append(nil, offset)}))
	}
	put("a", "b", 5)
	put("a", "b", 300)
	put("a", "bc", 7)
	put("ab", "c", 8)
	found := func(old, new string) (out []string) {
		check(t, s.BeforeImages.Of(old, new, func(i BeforeImage) (bool, error) {
			out = append(out, fmt.Sprintf("%d %s", i.Offset, i.Row))
			return true, nil
		}))
		return out
	}
	if got := fmt.Sprint(found("a", "b")); got != "[300 300 5 5]" {
		t.Errorf("images of a that became b: %v", got)
	}
	check(t, s.ImageRequests.Put(&ImageRequest{Old: "w", At: now.UnixMicro(), Value: []byte("wanted")}))
	now = now.Add(ImageRequestKept + time.Second)
	if n, err := s.Sweep(t.Context(), 0); n != 1 || err != nil {
		t.Errorf("a sweep drops %d, %v, want the request", n, err)
	}
	now = now.Add(time.Hour)
	if n, err := s.Sweep(t.Context(), 0); n != 4 || err != nil || len(found("a", "b")) > 0 {
		t.Errorf("a later sweep drops %d, %v, want the images", n, err)
	}
}

func TestTheHighestPlaceInTheSourceSurvives(t *testing.T) {
	dir := t.TempDir()
	s := open1(t, lazily(dir))
	pg := func(lsn uint64) tables.SourcePosition {
		return tables.SourcePosition{Kind: tables.SourcePostgres, Minor: lsn}
	}
	check(t, s.Put("a", []byte("1"), Origin{Offset: 1, Source: pg(90), Time: 5}, false))
	check(t, s.Delete("a", Tomb{Offset: 2}, Origin{Offset: 2, Source: pg(70), Time: 8}))
	check(t, s.Put("b", []byte("1"), Origin{Offset: 3, Source: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 500, Snapshot: true}, Time: 50}, false))
	check(t, s.Put("c", []byte("1"), Origin{Offset: 4}, false))
	check(t, s.Close())
	s = open1(t, lazily(dir))
	defer s.Close()
	if p, at := s.Streamed(); p != pg(90) || at != 8 {
		t.Errorf("highest is %+v at %d, want position 90 and time 8", p, at)
	}
}

func TestHashesAndEmittedSurvive(t *testing.T) {
	dir := t.TempDir()
	s := open1(t, lazily(dir))
	h := s.Batches.Hashes()
	check(t, h.Set([]byte("a"), 7))
	check(t, h.Set([]byte("b"), 8))
	check(t, h.Write())
	check(t, h.Drop([]byte("b")))
	check(t, h.Write())
	want := Emitted{Batch: 3, Rows: 1, Checksum: 1 << 63, Epoch: 9, Complete: true}
	check(t, s.Batches.SetEmitted(want))
	check(t, s.SetControl(42))
	check(t, s.Close())
	s = open1(t, lazily(dir))
	defer s.Close()
	if got, ok, err := s.Batches.Emitted(); got != want || !ok || err != nil {
		t.Errorf("emitted is %v, %v, %v", got, ok, err)
	}
	if c, err := s.Control(); c != 42 || err != nil {
		t.Errorf("control is %d, %v", c, err)
	}
	h = s.Batches.Hashes()
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
func TestKeySpacesDoNotMeet(t *testing.T) {
	s := open1(t, lazily(t.TempDir()))
	defer s.Close()
	keys := []string{"__offset", "", "mposition", "position", "\x00", "r", "d", string([]byte{spaceMeta}) + "epoch"}
	for i, k := range keys {
		check(t, s.Put(k, []byte(fmt.Sprint(i)), Origin{Offset: int64(i)}, true))
	}
	check(t, s.Put("gone", nil, Origin{Offset: 98}, true))
	check(t, s.Delete("gone", Tomb{Offset: 99}, Origin{Offset: 99}))
	check(t, s.Batches.Hashes().Set([]byte("hash"), 1))
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
	reopened := s.disk.progress.onDisk
	if reopened != 1234 {
		t.Errorf("position on disk is %d", reopened)
	}
}

func TestImageRequestsAreFoundByTheirKeysAndOldOnesAreMoved(t *testing.T) {
	s := open1(t, lazily(t.TempDir()))
	defer s.Close()
	s.disk.mu.Lock()
	s.disk.put(spaceOldRequest, "\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x07", append(appendInt(nil, 5), "control record"...)) // as they were once
	s.disk.mu.Unlock()
	check(t, s.ImageRequests.Put(&ImageRequest{Old: "a", New: "bc", Partition: 1, Offset: 7, At: 5, Value: []byte("another")}))
	check(t, s.ImageRequests.Move(func(value []byte) (*ImageRequest, error) {
		return &ImageRequest{Old: "a", New: "b", Partition: 1, Offset: 7}, nil
	}))
	check(t, s.ImageRequests.Put(&ImageRequest{Old: "a", New: "b", Partition: 2, Offset: 7, At: 6, Declined: true, Value: []byte("second")}))
	found := func() (out []string) {
		check(t, s.ImageRequests.Of("a", "b", func(w *ImageRequest) error {
			out = append(out, fmt.Sprintf("%d/%d at %d %v %s", w.Partition, w.Offset, w.At, w.Declined, w.Value))
			return nil
		}))
		return out
	}
	if got := fmt.Sprint(found()); got != "[1/7 at 5 false control record 2/7 at 6 true second]" {
		t.Errorf("requests: %s", got)
	}
	check(t, s.ImageRequests.Drop(&ImageRequest{Old: "a", New: "b", Partition: 1, Offset: 7}))
	n := 0
	check(t, s.ImageRequests.Each(func(*ImageRequest) error { n++; return nil }))
	old := 0
	check(t, s.disk.each(spaceOldRequest, func(string, []byte) error { old++; return nil }))
	if len(found()) != 1 || n != 2 || old != 0 {
		t.Errorf("%d requests of the keys, %d in all, %d of the old form", len(found()), n, old)
	}
}
