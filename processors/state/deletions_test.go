package state

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func tombs(t *testing.T, s *Store) (n int) {
	t.Helper()
	check(t, s.EachTomb(func(string, Tomb) error { n++; return nil }))
	return n
}

// A truncate of a large table leaves a deletion for each row: memory for so many is not
// taken, and all of them go all the same.
func TestDeletionsToBeForgottenTakeBoundedMemory(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	o := lazily(t.TempDir())
	o.Clock, o.KeepDeletions = func() time.Time { return now }, time.Hour
	s := open1(t, o)
	defer s.Close()
	const more = 5000
	for i := range maxBrief + more {
		check(t, s.Delete(fmt.Sprint("key", i), Tomb{Offset: 3, Read: now.UnixMicro(), Brief: true}, Origin{Offset: 3}))
	}
	if len(s.Deletions.brief) != maxBrief || !s.Deletions.ManyToForget() {
		t.Fatalf("%d deletions are in memory, want %d; more: %v", len(s.Deletions.brief), maxBrief, s.Deletions.ManyToForget())
	}
	now = now.Add(2 * briefAtLeast)
	check(t, s.Delete("young", Tomb{Offset: 3, Read: now.UnixMicro(), Brief: true}, Origin{Offset: 3}))
	check(t, s.Deletions.Forget(4))
	if n := tombs(t, s); n != more+1 || len(s.Deletions.brief) != 0 {
		t.Errorf("%d deletions are left, %d of them in memory", n, len(s.Deletions.brief))
	}
	now = now.Add(foundAtLeast + time.Second)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Sweep(ended, 4); !errors.Is(err, context.Canceled) {
		t.Errorf("a sweep that is not wanted any more ends with %v", err)
	}
	n, err := s.Sweep(t.Context(), 4)
	if n == 0 || err != nil || tombs(t, s) != 0 || s.Deletions.ManyToForget() {
		t.Errorf("a sweep drops %d, %v; %d are left", n, err, tombs(t, s))
	}
}

func TestForgetKeepsWhatIsYoungInItsOrder(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	o := lazily(t.TempDir())
	o.Clock, o.KeepDeletions = func() time.Time { return now }, time.Hour
	s := open1(t, o)
	defer s.Close()
	for i := range 3 * forgetAtOnce {
		check(t, s.Delete(fmt.Sprint("key", i), Tomb{Offset: int64(i), Read: now.UnixMicro(), Brief: true}, Origin{Offset: int64(i)}))
		if i%forgetAtOnce == 0 {
			now = now.Add(time.Minute)
		}
	}
	check(t, s.Deletions.Forget(forgetAtOnce+7)) // those before it that are older than a minute: the first group, and one
	if n := tombs(t, s); n != len(s.Deletions.brief) || n != 2*forgetAtOnce-1 {
		t.Errorf("%d deletions are left, %d are known to be forgotten later", n, len(s.Deletions.brief))
	}
	for i := 1; i < len(s.Deletions.brief); i++ {
		if s.Deletions.brief[i].since < s.Deletions.brief[i-1].since {
			t.Fatal("the order is lost")
		}
	}
}
